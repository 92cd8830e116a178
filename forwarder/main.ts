import { randomUUID } from "node:crypto";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { KubeConfig } from "@kubernetes/client-node";
import { collectDefaultMetrics } from "prom-client";
import { systemClock } from "./clock.ts";
import { regionOfBus } from "./event-bus.ts";
import { createKubeApi } from "./kube-api.ts";
import { createLeaseApi } from "./lease-api.ts";
import { describeError, jsonLog } from "./log.ts";
import { startReplica } from "./replica.ts";

/** Variables set by the Deployment. Region and credentials come from the AWS SDK's default chain, which includes EKS Pod Identity. */
const ENV = {
  cluster: "STRATOS_CLUSTER",
  /** A name; the ARN, if the deployment is in another account or region. */
  eventBus: "STRATOS_EVENT_BUS",
  /** Where the lease is, and the name that its holder has in it. */
  namespace: "STRATOS_NAMESPACE",
  pod: "STRATOS_POD",
  /** The port for `/livez`, `/readyz` and `/metrics`; defaults to 8080. */
  port: "STRATOS_HTTP_PORT",
} as const;

/** As in the manifests. */
const LEASE = "stratos-forwarder";

const required = (name: string): string => {
  const value = process.env[name];
  if (value) return value;
  throw new Error(`the environment variable ${name} is not set`);
};

const main = async (): Promise<void> => {
  const cluster = required(ENV.cluster);
  const log = jsonLog((line) => process.stdout.write(line), Date.now, { service: "forwarder", cluster });
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromDefault();
  const busName = required(ENV.eventBus);
  const eventBridge = new EventBridgeClient({
    ...(regionOfBus(busName) && { region: regionOfBus(busName) }),
    // The forwarder does its own retries, and merges events that arrive meanwhile.
    maxAttempts: 1,
    requestHandler: { connectionTimeout: 1000, requestTimeout: 5000 },
  });
  const api = createKubeApi(kubeConfig, systemClock);
  const replica = startReplica({
    api,
    lease: createLeaseApi(api, required(ENV.namespace), LEASE),
    // A container that was restarted in the same pod is another process.
    identity: `${required(ENV.pod)}_${randomUUID()}`,
    eventBridge,
    cluster,
    busName,
    log,
    http: { host: "0.0.0.0", port: Number(process.env[ENV.port] ?? 8080) },
  });
  collectDefaultMetrics({ register: replica.metrics });

  const stop = (signal: string) => {
    log.info("stopping", { signal });
    void replica.stop().then(() => process.exit(0));
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  log.info("serving", { url: (await replica.listening).url });
};

main().catch((error: unknown) => {
  process.stderr.write(`${describeError(error)}\n`);
  process.exit(1);
});
