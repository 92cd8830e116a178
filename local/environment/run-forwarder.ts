/** Runs the forwarder as its Deployment does: with its service account's token and AWS credentials from EKS Pod Identity. */
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { KubeConfig } from "@kubernetes/client-node";
import { regionOfBus } from "../../forwarder/event-bus.ts";
import { type Forwarder, startForwarder } from "../../forwarder/forwarder.ts";
import { createKubeApi } from "../../forwarder/kube-api.ts";
import { jsonLog } from "../../forwarder/log.ts";
import type { PodIdentities } from "../aws/eks/pod-identities.ts";
import type { Credentials } from "../aws/gateway/credentials.ts";
import { REGION } from "../aws/gateway/service.ts";
import type { VirtualClock } from "../clock.ts";
import { serviceAccountUser } from "../kubernetes/api-server/access/identity.ts";
import { type KubeconfigEntry, kubeconfigOf } from "./kubeconfig.ts";

const NAMESPACE = "stratos-system";
const SERVICE_ACCOUNT = "stratos-forwarder";
const BUS = "stratos";

/** The API server's user name for the forwarder's service account. */
export const FORWARDER_USER = serviceAccountUser(NAMESPACE, SERVICE_ACCOUNT);

export interface ForwarderInputs {
  readonly clock: VirtualClock;
  readonly credentials: Credentials;
  readonly podIdentities: PodIdentities;
  /** Of the cluster. */
  readonly account: string;
  /** A bus's name, or its ARN if it is elsewhere. */
  readonly bus?: string;
  readonly awsUrl: string;
  /** Contains the service account's token. */
  readonly kubeconfig: KubeconfigEntry;
  readonly random: () => number;
  onLog(line: string): void;
}

/** An EventBridge client that signs requests with the clock's time instead of this process's. */
const createEventBridge = ({
  clock,
  credentials,
  podIdentities,
  account,
  bus,
  awsUrl,
  kubeconfig,
}: ForwarderInputs) => {
  const roleName = podIdentities.roleOf(kubeconfig.clusterName, NAMESPACE, SERVICE_ACCOUNT);
  if (!roleName) throw new Error("the stack has no pod identity association for the forwarder's service account");
  const { keyId, secret, sessionToken } = credentials.assumeRole(roleName, SERVICE_ACCOUNT, account);
  const client = new EventBridgeClient({
    endpoint: awsUrl,
    region: regionOfBus(bus) ?? REGION,
    credentials: { accessKeyId: keyId, secretAccessKey: secret, sessionToken },
    maxAttempts: 1,
  });
  client.middlewareStack.add(
    (next) => async (args) => {
      client.config.systemClockOffset = clock.now() - Date.now();
      return clock.busy(() => next(args));
    },
    { step: "initialize", name: "simulatedClock" },
  );
  return client;
};

export const runForwarder = (inputs: ForwarderInputs): Forwarder => {
  const { clock, kubeconfig, random, onLog } = inputs;
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromString(JSON.stringify(kubeconfigOf(kubeconfig)));
  return startForwarder({
    api: createKubeApi(kubeConfig, clock),
    eventBridge: createEventBridge(inputs),
    cluster: kubeconfig.clusterName,
    busName: inputs.bus ?? BUS,
    log: jsonLog(onLog, clock.now, { service: "forwarder" }),
    clock,
    random,
  });
};
