/** One embedded cloud and cluster for each test, in virtual time, with what the tests ask of it. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { parseAllDocuments } from "yaml";
import { ASSEMBLY_FOLDER } from "../../infra/synth.ts";
import { applyObject } from "../../local/demo/apply.ts";
import { type Embedded, type EmbeddedOptions, startEmbedded } from "../../local/environment/start.ts";
import type { KubeObject } from "../../local/kubernetes/api-server/store.ts";

export const MINUTE = 60_000;

/** For one test, whose end stops it. */
export const startStratos = async (options: Partial<EmbeddedOptions> = {}): Promise<Embedded> => {
  const fixed = { speed: Number.POSITIVE_INFINITY, assembly: ASSEMBLY_FOLDER, seed: 1 };
  const embedded = await startEmbedded({ ...fixed, ...options });
  onTestFinished(embedded.stop);
  return embedded;
};

/** Documents of a manifest among the examples. */
export const example = (path: string): KubeObject[] => {
  const file = fileURLToPath(new URL(`../../examples/${path}`, import.meta.url));
  return parseAllDocuments(readFileSync(file, "utf8")).map((document) => document.toJS() as KubeObject);
};

export const apply = async ({ kube }: Embedded, objects: readonly KubeObject[]): Promise<void> => {
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

/** Kubernetes events with that reason, of all objects. */
export const told = ({ kube }: Embedded, reason: string) =>
  kube.store.list<EventObject>("events").filter((event) => event.reason === reason);

export const pool = ({ kube }: Embedded, name = "workers") => kube.store.get<PoolObject>("nodepools.stratos.sh", name);

export const condition = (embedded: Embedded, type: string): string | undefined => {
  const found = pool(embedded)?.status?.conditions?.find((candidate) => candidate.type === type);
  return found && `${found.status} ${found.reason}`;
};

/** Settled with at least so many standby and nothing on its way. */
export const isAtRest = (embedded: Embedded, standby: number): boolean => {
  const { status = {} } = pool(embedded) ?? {};
  const moving = (status.warmup ?? 0) + (status.running ?? 0) + (status.stopping ?? 0);
  return (status.standby ?? 0) >= standby && moving === 0;
};

/** The quick start up to its three standby instances; `spec` changes what the pool says. */
export const quickStart = async (embedded: Embedded, spec: object = {}): Promise<void> => {
  const pools = example("quickstart/nodepool.yaml").map((object) => ({
    ...object,
    spec: { ...(object.spec as object), ...spec },
  }));
  await apply(embedded, [...example("quickstart/awsnodeclass.yaml"), ...pools]);
  await embedded.until("three instances are standby", () => isAtRest(embedded, 3), { withinMs: 10 * MINUTE });
};

/** The example Deployment with so many pods of 800m CPU, of which two fit on a node. */
export const burstOf = (replicas: number): KubeObject[] =>
  example("burst/deployment.yaml").map((object) => ({ ...object, spec: { ...(object.spec as object), replicas } }));

export const burstPods = ({ kube }: Embedded) =>
  kube.store.list<PodObject>("pods", "default").filter(({ metadata }) => metadata.labels?.app === "burst");

export const untilRunning = (embedded: Embedded, count: number) =>
  embedded.until(
    `${count} pods run`,
    () => burstPods(embedded).filter(({ status }) => status?.phase === "Running").length === count,
    { withinMs: 10 * MINUTE },
  );

export const callsOf = (embedded: Embedded, action: string) =>
  embedded.ec2.calls().filter((call) => call.action === action && call.error === undefined);

/** Ends the burst and waits until its nodes are standby again. */
export const endBurst = async (embedded: Embedded): Promise<void> => {
  await embedded.kube.client.delete("/apis/apps/v1/namespaces/default/deployments/burst");
  await embedded.until("every node is standby again", () => isAtRest(embedded, 3), { withinMs: 30 * MINUTE });
};

/** Nodes do not stay empty for long: for tests that are not about that. */
export const QUICK_TO_STOP = { scaleDown: { emptyNodeTTL: "30s" } };

/** EC2's instances that are not gone, by their state. */
export const instancesByState = ({ ec2 }: Embedded): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const { state } of ec2.machines.list()) {
    if (state !== "terminated") counts[state] = (counts[state] ?? 0) + 1;
  }
  return counts;
};

export interface Serving {
  readonly embedded: Embedded;
  /** Of the pod that runs. */
  readonly uid: string;
  /** That it runs on. */
  readonly nodeName: string;
  readonly instanceId: string;
}

/** The quick start with one pod that runs on one of its nodes. */
export const serveOne = async (spec: object = QUICK_TO_STOP): Promise<Serving> => {
  const embedded = await startStratos();
  await quickStart(embedded, spec);
  await apply(embedded, burstOf(1));
  await untilRunning(embedded, 1);
  const [pod] = burstPods(embedded);
  const { nodeName = "" } = pod?.spec ?? {};
  const machine = embedded.ec2.machines.list().find(({ privateDnsName }) => privateDnsName === nodeName);
  return { embedded, uid: pod?.metadata.uid ?? "", nodeName, instanceId: machine?.instanceId ?? "" };
};
