/** One simulated cloud and cluster per test, in virtual time, and the queries and steps that the tests share. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { parseAllDocuments } from "yaml";
import { ASSEMBLY_FOLDER } from "../../infra/synth.ts";
import { applyObject } from "../../local/demo/apply.ts";
import { type Environment, type EnvironmentOptions, startEnvironment } from "../../local/environment/start.ts";
import type { KubeObject } from "../../local/kubernetes/api-server/store.ts";

export const MINUTE = 60_000;

/** Starts an environment for one test; the end of the test stops it. */
export const startStratos = async (options: Partial<EnvironmentOptions> = {}): Promise<Environment> => {
  const fixed = { speed: Number.POSITIVE_INFINITY, assembly: ASSEMBLY_FOLDER, seed: 1 };
  const environment = await startEnvironment({ ...fixed, ...options });
  onTestFinished(environment.stop);
  return environment;
};

/** The documents of a manifest in `examples/`. */
export const example = (path: string): KubeObject[] => {
  const file = fileURLToPath(new URL(`../../examples/${path}`, import.meta.url));
  return parseAllDocuments(readFileSync(file, "utf8")).map((document) => document.toJS() as KubeObject);
};

export const apply = async ({ kube }: Environment, objects: readonly KubeObject[]): Promise<void> => {
  for (const object of objects) await applyObject(kube, object);
};

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
}

export interface PoolObject extends KubeObject {
  spec: { poolSize: number; minStandby: number };
  status?: {
    standby?: number;
    warmup?: number;
    running?: number;
    stopping?: number;
    total?: number;
    plan?: string[];
    conditions?: Condition[];
  };
}

export interface PodObject extends KubeObject {
  spec: { nodeName?: string };
  status?: { phase?: string; reason?: string };
}

export interface NodeObject extends KubeObject {
  spec: { unschedulable?: boolean; taints?: { key: string; effect: string }[] };
  status?: { images?: { names: string[] }[] };
}

export interface EventObject extends KubeObject {
  readonly reason: string;
  readonly message: string;
}

/** The Kubernetes events with this reason, whatever their object. */
export const eventsOf = ({ kube }: Environment, reason: string) =>
  kube.store.list<EventObject>("events").filter((event) => event.reason === reason);

export const pool = ({ kube }: Environment, name = "workers") =>
  kube.store.get<PoolObject>("nodepools.stratos.sh", name);

export const condition = (environment: Environment, type: string): string | undefined => {
  const found = pool(environment)?.status?.conditions?.find((candidate) => candidate.type === type);
  return found && `${found.status} ${found.reason}`;
};

/** At least `standby` instances are standby, and none is warming up, running or stopping. */
export const isSettled = (environment: Environment, standby: number): boolean => {
  const { status = {} } = pool(environment) ?? {};
  const moving = (status.warmup ?? 0) + (status.running ?? 0) + (status.stopping ?? 0);
  return (status.standby ?? 0) >= standby && moving === 0;
};

/** The quick start's class and pool; `spec` overrides fields of the pool's spec. */
export const quickStartWith = (spec: object): KubeObject[] => [
  ...example("quickstart/awsnodeclass.yaml"),
  ...example("quickstart/nodepool.yaml").map((object) => ({
    ...object,
    spec: { ...(object.spec as object), ...spec },
  })),
];

/** Applies the quick start and waits for its three standby instances; `spec` overrides fields of the pool's spec. */
export const quickStart = async (environment: Environment, spec: object = {}): Promise<void> => {
  await apply(environment, quickStartWith(spec));
  await environment.until("three instances are standby", () => isSettled(environment, 3), { withinMs: 10 * MINUTE });
};

/** The example Deployment with `replicas` pods of 800m CPU each; two fit on a node. */
export const burstOf = (replicas: number): KubeObject[] =>
  example("burst/deployment.yaml").map((object) => ({ ...object, spec: { ...(object.spec as object), replicas } }));

export const burstPods = ({ kube }: Environment) =>
  kube.store.list<PodObject>("pods", "default").filter(({ metadata }) => metadata.labels?.app === "burst");

export const untilRunning = (environment: Environment, count: number) =>
  environment.until(
    `${count} pods run`,
    () => burstPods(environment).filter(({ status }) => status?.phase === "Running").length === count,
    { withinMs: 10 * MINUTE },
  );

export const callsOf = (environment: Environment, action: string) =>
  environment.ec2.calls().filter((call) => call.action === action && call.error === undefined);

/** Deletes the burst and waits until its nodes are standby again. */
export const endBurst = async (environment: Environment): Promise<void> => {
  await environment.kube.client.delete("/apis/apps/v1/namespaces/default/deployments/burst");
  await environment.until("every node is standby again", () => isSettled(environment, 3), { withinMs: 30 * MINUTE });
};

/** Stops empty nodes early, for tests about something else. */
export const QUICK_TO_STOP = { scaleDown: { emptyNodeTTL: "30s" } };

/** Counts the instances that are not terminated, by state. */
export const instancesByState = ({ ec2 }: Environment): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const { state } of ec2.machines.list()) {
    if (state !== "terminated") counts[state] = (counts[state] ?? 0) + 1;
  }
  return counts;
};

export interface Serving {
  readonly environment: Environment;
  /** The UID of the running pod. */
  readonly uid: string;
  /** The node that the pod runs on. */
  readonly nodeName: string;
  readonly instanceId: string;
}

/** The quick start with one pod running on one of its nodes. */
export const serveOne = async (spec: object = QUICK_TO_STOP): Promise<Serving> => {
  const environment = await startStratos();
  await quickStart(environment, spec);
  await apply(environment, burstOf(1));
  await untilRunning(environment, 1);
  const [pod] = burstPods(environment);
  const { nodeName = "" } = pod?.spec ?? {};
  const machine = environment.ec2.machines.list().find(({ privateDnsName }) => privateDnsName === nodeName);
  return { environment, uid: pod?.metadata.uid ?? "", nodeName, instanceId: machine?.instanceId ?? "" };
};
