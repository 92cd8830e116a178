/** How many API calls a burst of pods needs, and how that grows with the burst. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { applyObject } from "../local/demo/apply.ts";
import { type Environment, startEnvironment } from "../local/environment/start.ts";
import type { KubeObject } from "../local/kubernetes/api-server/store.ts";

const BURSTS = [1, 10, 100, 1000];
const MINUTE_MS = 60_000;

const MEASURED =
  "Calls of all functions from the creation of a Deployment until its last pod runs, in virtual time, with one pod per node and a pool " +
  "with exactly that many standby instances. aws: by service and action, as signed. kubernetes: by verb and resource. Includes repeated " +
  "reads while the nodes boot; excludes the forwarder's watches and PutEvents. queueWrites and recordWrites: DynamoDB items of the work " +
  "queue and of the pool, refused conditions included. exponents: b of cost = a * nodes^b, fitted over the bursts of 10 and more.";

interface PoolObject extends KubeObject {
  status?: { standby?: number };
}

interface PodObject extends KubeObject {
  status?: { phase?: string };
}

const example = (path: string): KubeObject =>
  parse(readFileSync(fileURLToPath(new URL(`../examples/${path}`, import.meta.url)), "utf8"));

const withSpec = (object: KubeObject, spec: object): KubeObject => ({
  ...object,
  spec: { ...(object.spec as object), ...spec },
});

/** The burst's Deployment, with pods so large that only one fits on a node. */
const burstOf = (replicas: number): KubeObject => {
  const deployment = example("burst/deployment.yaml");
  const large = JSON.parse(JSON.stringify(deployment.spec).replaceAll("800m", "1500m"));
  return withSpec(deployment, { ...large, replicas });
};

const warmUp = async (environment: Environment, nodes: number): Promise<void> => {
  await applyObject(environment.kube, example("quickstart/awsnodeclass.yaml"));
  await applyObject(
    environment.kube,
    withSpec(example("quickstart/nodepool.yaml"), { poolSize: nodes, minStandby: nodes }),
  );
  const standby = () => environment.kube.store.get<PoolObject>("nodepools.stratos.sh", "workers")?.status?.standby;
  await environment.until(`${nodes} instances are standby`, () => standby() === nodes, { withinMs: 30 * MINUTE_MS });
};

const count = (names: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const name of names.toSorted()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
};

/** Records the name of every call that a function signs from now on. */
const recordCalls = ({ functions }: Environment): readonly string[] => {
  const names: string[] = [];
  for (const name of functions.names()) {
    functions.killWhen(name, (call) => {
      // Requests to the API server are counted from its audit log.
      if (call.name !== "kubernetes") names.push(call.name);
      return false;
    });
  }
  return names;
};

const kubernetesCalls = ({ kube }: Environment, since: number): readonly string[] =>
  kube.audit
    .entries()
    .filter(({ at, user }) => at >= since && user.startsWith("arn:aws:sts:"))
    .map(({ verb, plural, subresource }) => `${verb} ${plural}${subresource ? `/${subresource}` : ""}`);

const NO_WRITES: Readonly<Record<string, number>> = {};

/** How many items of each kind were written since `before`. */
const writesSince = ({ tableWrites }: Environment, before = NO_WRITES): Record<string, number> =>
  Object.fromEntries(Object.entries(tableWrites()).map(([kind, writes]) => [kind, writes - (before[kind] ?? 0)]));

/** The sum of the calls whose name begins so. */
const sum = (calls: Readonly<Record<string, number>>, prefix: string): number =>
  Object.entries(calls).reduce((total, [name, times]) => total + (name.startsWith(prefix) ? times : 0), 0);

const reconcilesOf = ({ functions }: Environment, name: string): number =>
  functions.metrics().filter((metric) => metric.name === "ReconcileDuration" && metric.dimensions.Function === name)
    .length;

const burst = async (assembly: string, nodes: number) => {
  const environment = await startEnvironment({ speed: Number.POSITIVE_INFINITY, assembly, messaging: "exact" });
  try {
    await warmUp(environment, nodes);
    const since = environment.clock.now();
    const written = environment.tableWrites();
    const reconciled = { pool: reconcilesOf(environment, "pool"), demand: reconcilesOf(environment, "demand") };
    const aws = recordCalls(environment);
    await applyObject(environment.kube, burstOf(nodes));
    const running = () =>
      environment.kube.store.list<PodObject>("pods", "default").filter(({ status }) => status?.phase === "Running")
        .length;
    await environment.until(`${nodes} pods run`, () => running() === nodes, { withinMs: 10 * MINUTE_MS });
    const kubernetes = count(kubernetesCalls(environment, since));
    const writes = writesSince(environment, written);
    return {
      nodes,
      seconds: Math.round((environment.clock.now() - since) / 1000),
      poolReconciles: reconcilesOf(environment, "pool") - reconciled.pool,
      demandReconciles: reconcilesOf(environment, "demand") - reconciled.demand,
      podLists: sum(kubernetes, "list pods"),
      queueWrites: writes.WORK ?? 0,
      recordWrites: writes.POOL ?? 0,
      aws: count(aws),
      kubernetes,
    };
  } finally {
    await environment.stop();
  }
};

type Burst = Awaited<ReturnType<typeof burst>>;

/** The exponent b of the power law cost = a * nodes^b, by least squares over the logarithms. */
const exponentOf = (bursts: readonly Burst[], cost: (burst: Burst) => number): number => {
  const points = bursts.map((one) => ({ x: Math.log(one.nodes), y: Math.log(Math.max(1, cost(one))) }));
  const mean = (values: readonly number[]) => values.reduce((total, value) => total + value, 0) / values.length;
  const [x, y] = [mean(points.map((point) => point.x)), mean(points.map((point) => point.y))];
  const slope = mean(points.map((point) => (point.x - x) * (point.y - y)));
  return Number((slope / mean(points.map((point) => (point.x - x) ** 2))).toFixed(2));
};

const exponents = (bursts: readonly Burst[]) => ({
  poolReconciles: exponentOf(bursts, (one) => one.poolReconciles),
  podLists: exponentOf(bursts, (one) => one.podLists),
  queueWrites: exponentOf(bursts, (one) => one.queueWrites),
  recordWrites: exponentOf(bursts, (one) => one.recordWrites),
});

export const benchCalls = async (assembly: string, progress: (line: string) => void) => {
  const bursts = [];
  for (const nodes of BURSTS) {
    progress(`calls: a burst of ${nodes} nodes`);
    bursts.push(await burst(assembly, nodes));
  }
  return { measured: MEASURED, bursts, exponents: exponents(bursts.filter(({ nodes }) => nodes >= 10)) };
};
