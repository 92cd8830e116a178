/** A real control plane with a real kubelet for each running instance, in place of the simulated cluster. */
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { stringify } from "yaml";
import type { KubernetesUser } from "../../local/aws/eks/token-authenticator.ts";
import type { ClusterInputs, ClusterSide } from "../../local/environment/cluster-side.ts";
import type { KubeClient } from "../../shared/kube/client.ts";
import { createKubeClient } from "../../shared/kube/http-client.ts";
import { type ControlPlane, startControlPlane } from "../contract/control-plane.ts";
import { findProgram } from "../contract/programs.ts";
import { type AuditLog, createAuditLog } from "./audit-log.ts";
import { COMPONENT_IDENTITIES, startComponents, writeKubeconfigOf } from "./components.ts";
import { createKubectl, type Kubectl } from "./kubectl.ts";
import { startKubelets } from "./kubelets.ts";
import { startNetworkAgent } from "./network-agent.ts";
import { createObjectMirror } from "./object-mirror.ts";
import { startTokenWebhook } from "./token-webhook.ts";

export interface RealCluster extends ClusterSide {
  /** Runs kubectl as an administrator. */
  readonly kubectl: Kubectl;
  readonly audit: AuditLog;
  /** The errors of processes that ended by themselves or failed, with their last output. */
  failures(): readonly Error[];
}

/** Deployments are created without pods, because a hollow kubelet cannot run them. */
const WITHOUT_PODS = [
  { target: { kind: "Deployment" }, patch: '[{"op": "replace", "path": "/spec/replicas", "value": 0}]' },
];

/** `kubectl apply -k` of the folder through an overlay, which must refer to it by a relative path. */
const applyFolder = async (kubectl: Kubectl, directory: string, folder: string): Promise<void> => {
  const overlay = `${directory}/overlay`;
  mkdirSync(overlay, { recursive: true });
  const kustomization = { resources: [relative(overlay, folder)], patches: WITHOUT_PODS };
  writeFileSync(`${overlay}/kustomization.yaml`, stringify(kustomization));
  await kubectl(["apply", "-k", overlay]);
  await kubectl(["wait", "--for=condition=Established", "crd", "--all", "--timeout=30s"]);
};

/** The token that a kubelet would get for the service account's pods, from the TokenRequest API. */
const requestToken = async (client: KubeClient, user: string): Promise<string> => {
  const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user) ?? [];
  if (!namespace) throw new Error(`${user}: tokens are issued to service accounts only`);
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
  const answer = await client.create<{ status: { token: string } }>(path, {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    spec: { expirationSeconds: 3600 },
  });
  return answer.status.token;
};

/** Tokens for kubelets. On EKS these come from the instance's role and are authenticated by the same webhook. */
const createNodeTokens = () => {
  const users = new Map<string, KubernetesUser>();
  return {
    issue: (nodeName: string): string => {
      const token = randomUUID();
      users.set(token, { user: `system:node:${nodeName}`, groups: ["system:nodes", "system:bootstrappers"] });
      return token;
    },
    find: (token: string) => users.get(token),
  };
};

type Stops = (() => Promise<void> | void)[];

/** Runs the latest first. */
const runStops = async (stops: Stops): Promise<void> => {
  for (let stop = stops.pop(); stop; stop = stops.pop()) await stop();
};

const start = async (options: ClusterInputs, directory: string, stops: Stops): Promise<RealCluster> => {
  const { clock, clusterName, machines, awsUrl, authenticate } = options;
  const nodeTokens = createNodeTokens();
  const webhook = await startTokenWebhook(directory, async (token) => nodeTokens.find(token) ?? authenticate(token));
  stops.push(webhook.stop);
  const audit = createAuditLog(directory);
  const controlPlane: ControlPlane = await startControlPlane(COMPONENT_IDENTITIES, [
    ...["--enable-admission-plugins", "NodeRestriction"],
    ...webhook.apiServerFlags,
    ...audit.apiServerFlags,
  ]);
  stops.push(controlPlane.stop);
  const { endpoint: url, ca: caPem, token: adminToken } = controlPlane;
  const client = createKubeClient({ endpoint: url, ca: caPem, token: async () => adminToken });
  const kubectl = createKubectl(writeKubeconfigOf(controlPlane, directory, "admin", adminToken), directory);

  const components = startComponents({ controlPlane, clusterName, awsUrl, directory });
  stops.push(async () => void (await Promise.all(components.map((component) => component.stop()))));
  const kubeconfigOf = (name: string) => writeKubeconfigOf(controlPlane, directory, name, nodeTokens.issue(name));
  const failed: Error[] = [];
  const onFailure = (error: unknown) => void failed.push(error instanceof Error ? error : new Error(String(error)));
  const kubelets = startKubelets({ clock, machines, clusterName, directory, kubeconfigOf, onFailure });
  stops.push(kubelets.stop);

  const store = createObjectMirror({ clusterName, url, caPem, token: adminToken }, () => {});
  stops.push(store.close);
  stops.push(startNetworkAgent(store, client, kubelets, onFailure));
  return {
    url,
    caPem,
    adminToken,
    store,
    kubectl,
    audit,
    issueToken: (user) => requestToken(client, user),
    install: async (folder) => {
      await applyFolder(kubectl, directory, folder);
      await store.open();
    },
    failures: () => [...failed, ...components.flatMap((component) => component.failure() ?? [])],
    stop: () => runStops(stops),
  };
};

const PROGRAMS = [
  ...["etcd", "kube-apiserver", "kube-scheduler", "kube-controller-manager", "kubectl"],
  ...["aws-cloud-controller-manager", "hollow-kubelet"],
];

/** Throws if a program is missing in `KUBEBUILDER_ASSETS`; the message names it and says how to get it. */
export const requirePrograms = (): void => {
  for (const program of PROGRAMS) findProgram(program);
};

export const startRealCluster = async (options: ClusterInputs): Promise<RealCluster> => {
  const directory = mkdtempSync(join(tmpdir(), "stratos-real-"));
  const stops: Stops = [() => rmSync(directory, { recursive: true, force: true })];
  try {
    return await start(options, directory, stops);
  } catch (error) {
    await runStops(stops);
    throw error;
  }
};
