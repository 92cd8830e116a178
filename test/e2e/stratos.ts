/** A simulated cloud and cluster in virtual time, for one test or shared by several, and the queries and steps that the tests share. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, onTestFinished } from "vitest";
import { parseAllDocuments } from "yaml";
import { ASSEMBLY_FOLDER } from "../../infra/synth.ts";
import { applyObject } from "../../local/demo/apply.ts";
import { type Environment, type EnvironmentOptions, startEnvironment } from "../../local/environment/start.ts";
import type { KubeObject } from "../../local/kubernetes/api-server/store.ts";
import { assertDeclared } from "../shared/telemetry/declared-dimensions.ts";
import { savePermissionUse } from "./permission-use.ts";

export const MINUTE = 60_000;

const start = (options: Partial<EnvironmentOptions>): Promise<Environment> =>
  startEnvironment({ speed: Number.POSITIVE_INFINITY, assembly: ASSEMBLY_FOLDER, seed: 1, ...options });

const stop = (environment: Environment): Promise<void> => {
  savePermissionUse(environment);
  for (const { name, dimensions } of environment.functions.metrics()) assertDeclared(name, Object.keys(dimensions));
  return environment.stop();
};

/** Starts an environment for one test; the end of the test stops it. */
export const startStratos = async (options: Partial<EnvironmentOptions> = {}): Promise<Environment> => {
  const environment = await start(options);
  onTestFinished(() => stop(environment));
  return environment;
};

/**
 * One environment for all tests of a file or `describe`, which saves each of them the first warmup. Returns a function that prepares it
 * for the next test: see `rest`. Each test must end the faults that it injects. `prepare` runs once, before the quick start.
 */
export const shareStratos = (prepare: (environment: Environment) => Promise<void> = async () => {}) => {
  let starting: Promise<Environment> | undefined;
  afterAll(async () => {
    if (starting) await stop(await starting);
  });
  const startPrepared = async () => {
    const environment = await start({});
    await prepare(environment);
    return environment;
  };
  return async (spec: object = {}): Promise<Environment> => {
    starting ??= startPrepared();
    const environment = await starting;
    await rest(environment, spec);
    return environment;
  };
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
    pendingPods?: number;
    unservedPods?: number;
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

/** Whether there is as much standby as the pool asks for, and nothing is in motion. */
export const isComplete = (environment: Environment): boolean =>
  isSettled(environment, pool(environment)?.spec.minStandby ?? Number.POSITIVE_INFINITY);

/** Applies the quick start and waits for its standby; `spec` overrides fields of the pool's spec. */
export const quickStart = async (environment: Environment, spec: object = {}): Promise<void> => {
  await apply(environment, quickStartWith(spec));
  await environment.until("the pool's instances are standby", () => isComplete(environment), { withinMs: 10 * MINUTE });
};

/** One instance and no more, where it does not matter how many there are. */
export const ONE_INSTANCE = { poolSize: 1, minStandby: 1 };

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

/** How many calls EC2 had received when the current test began, for an environment that tests share. */
const earlierCalls = new WeakMap<Environment, number>();

/** The calls during the current test, failed ones included. */
export const allCallsOf = (environment: Environment, action: string) =>
  environment.ec2
    .calls()
    .slice(earlierCalls.get(environment) ?? 0)
    .filter((call) => call.action === action);

export const callsOf = (environment: Environment, action: string) =>
  allCallsOf(environment, action).filter(({ error }) => error === undefined);

/** Deletes the burst and waits until its nodes are standby again. */
export const endBurst = async (environment: Environment): Promise<void> => {
  await environment.kube.client.delete(BURST);
  await environment.until("every node is standby again", () => isComplete(environment), { withinMs: 30 * MINUTE });
};

/** Stops empty nodes early, for tests about something else; events and the pool's own timers must not need the interval. */
export const QUICK_TO_STOP = { scaleDown: { emptyNodeTTL: "30s" }, reconciliationInterval: "2m" };

/** Also prevents launches while a node is in use, so that an injected fault hits the intended start. */
export const NO_MORE = { ...QUICK_TO_STOP, poolSize: 3 };

const BURST = "/apis/apps/v1/namespaces/default/deployments/burst";
const POOL = "/apis/stratos.sh/v1alpha1/nodepools/workers";

/** Gives the pool the quick start's spec with the overrides, without what other tests left in it. */
const replaceSpec = async (environment: Environment, overrides: object): Promise<void> => {
  const objects = quickStartWith(overrides);
  if (!pool(environment)) return apply(environment, objects);
  const value = objects.find(({ kind }) => kind === "NodePool")?.spec;
  await environment.kube.client.patch(POOL, "json", [{ op: "replace", path: "/spec", value }]);
};

/**
 * Brings the quick start's pool to rest, whatever the test before left: no pod, and three standby instances, or up to `spec.poolSize` of
 * them. Then applies `spec`, and forgets all calls and events.
 */
const rest = async (environment: Environment, spec: { readonly poolSize?: number }): Promise<void> => {
  const { client, store } = environment.kube;
  await client.delete(BURST);
  const { poolSize = 3 } = spec;
  await replaceSpec(environment, { ...QUICK_TO_STOP, poolSize });
  const isQuiet = () => {
    const { stopped = 0, ...others } = instancesByState(environment);
    const isStill = burstPods(environment).length === 0 && Object.keys(others).length === 0;
    return isStill && stopped <= Math.max(3, poolSize) && isSettled(environment, 3);
  };
  await environment.until("three instances are standby", isQuiet, { withinMs: 30 * MINUTE });
  await replaceSpec(environment, spec);
  earlierCalls.set(environment, environment.ec2.calls().length);
  for (const { metadata } of store.list("events")) store.remove("events", metadata.name, metadata.namespace);
};

/** Counts the instances that are not terminated, by state. */
export const instancesByState = ({ ec2 }: Environment): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const { state } of ec2.machines.list()) {
    if (state !== "terminated") counts[state] = (counts[state] ?? 0) + 1;
  }
  return counts;
};

export interface Serving {
  /** The UID of the running pod. */
  readonly uid: string;
  /** The node that the pod runs on. */
  readonly nodeName: string;
  readonly instanceId: string;
}

/** Runs one pod on one of the quick start's nodes. */
export const serveOne = async (environment: Environment): Promise<Serving> => {
  await apply(environment, burstOf(1));
  await untilRunning(environment, 1);
  const [pod] = burstPods(environment);
  const { nodeName = "" } = pod?.spec ?? {};
  const machine = environment.ec2.machines.list().find(({ privateDnsName }) => privateDnsName === nodeName);
  return { uid: pod?.metadata.uid ?? "", nodeName, instanceId: machine?.instanceId ?? "" };
};
