/** What a deployment costs a month when nothing happens, and what a burst adds: counted calls × list prices. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { applyObject } from "../local/demo/apply.ts";
import { type Environment, startEnvironment } from "../local/environment/start.ts";
import type { KubeObject } from "../local/kubernetes/api-server/store.ts";
import { monthlyDollars, type Usage } from "./prices.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const MONTH_MS = 730 * HOUR_MS;
const DAYS_A_MONTH = MONTH_MS / (24 * HOUR_MS);
const BURSTS_A_DAY = 1000;
const BURST_NODES = 2;

const MEASURED =
  "Calls of all functions and events of the forwarder in the simulated cloud, in virtual time, × list prices of us-east-1. idle: one cluster with one pool of " +
  "three standby instances, over an hour, × 730. burst: four pods on two nodes, from the Deployment until the nodes are standby again, less what would have been " +
  "used without it. Durations of functions are those on this machine, plus 10 ms (belief) for each call to AWS. Receives: the queues' pollers (five each, " +
  "20 s). Without free tiers, EC2, EBS, NAT gateways, data transfer and the API server.";

/** An AWS call takes this long from Lambda, and no time in the simulated cloud; belief. */
const CALL_MS = 10;
/** "Lambda starts with five"; each waits for 20 s ("Configuring scaling behavior for SQS event source mappings"). */
const POLLERS = 5;
const POLL_MS = 20_000;

const example = (path: string): KubeObject =>
  parse(readFileSync(fileURLToPath(new URL(`../examples/${path}`, import.meta.url)), "utf8"));

const STANDBY = 3;

interface PoolObject extends KubeObject {
  status?: { standby?: number; running?: number; stopping?: number; warmup?: number };
}

const isSettled = ({ kube }: Environment): boolean => {
  const {
    standby = 0,
    running = 0,
    stopping = 0,
    warmup = 0,
  } = kube.store.get<PoolObject>("nodepools.stratos.sh", "workers")?.status ?? {};
  return standby >= STANDBY && running + stopping + warmup === 0;
};

/** Records the name of every AWS call that a function signs from now on. */
const recordCalls = ({ functions }: Environment): readonly string[] => {
  const names: string[] = [];
  for (const name of functions.names())
    functions.killWhen(name, (call) => {
      if (call.name !== "kubernetes") names.push(call.name);
      return false;
    });
  return names;
};

const memoryGiB = ({ stack }: Environment): ReadonlyMap<string, number> =>
  new Map(
    stack.resources("AWS::Lambda::Function").map(({ ref, properties }) => [ref, Number(properties.MemorySize) / 1024]),
  );

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const total = (counts: Readonly<Record<string, number>>): number => sum(Object.values(counts));
const eventsOnBus = ({ bus }: Environment): number => sum(bus.rules("stratos").map(({ metrics }) => metrics.matched));

/** What is used from now until the returned function is called. */
const watch = (environment: Environment, calls: readonly string[]) => {
  const { clock, functions, tableWrites } = environment;
  const since = clock.now();
  const before = { calls: calls.length, writes: total(tableWrites()), events: eventsOnBus(environment) };
  const memory = memoryGiB(environment);
  return (): { readonly forMs: number; readonly usage: Usage } => {
    const forMs = clock.now() - since;
    const names = calls.slice(before.calls);
    const invocations = functions.invocations().filter(({ startedAt }) => startedAt >= since);
    const byCalls = (names.length * CALL_MS) / Math.max(1, invocations.length);
    const gigabyteSeconds = sum(
      invocations.map(
        ({ functionName, startedAt, endedAt }) =>
          ((endedAt - startedAt + byCalls) / 1000) * (memory.get(functionName) ?? 0),
      ),
    );
    const starts = (prefix: RegExp) => names.filter((name) => prefix.test(name)).length;
    const logs = functions.names().flatMap((name) => functions.logs(name).filter(({ at }) => at >= since));
    const polls = (forMs / POLL_MS) * POLLERS * environment.stack.resources("AWS::Lambda::EventSourceMapping").length;
    return {
      forMs,
      usage: {
        invocations: invocations.length,
        gigabyteSeconds,
        traces: invocations.length,
        // A batch is received, and deleted.
        queueRequests: starts(/^sqs:/) + polls + 2 * invocations.length,
        tableReads: starts(/^dynamodb:(GetItem|Query|BatchGetItem)/),
        tableWrites: total(tableWrites()) - before.writes,
        events: eventsOnBus(environment) - before.events,
        logGigabytes: sum(logs.map(({ text }) => text.length)) / 1e9,
      },
    };
  };
};

const scaled = (usage: Usage, factor: number): Usage =>
  Object.fromEntries(Object.entries(usage).map(([name, value]) => [name, value * factor])) as unknown as Usage;

const minus = (usage: Usage, other: Usage): Usage =>
  Object.fromEntries(
    Object.entries(usage).map(([name, value]) => [name, Math.max(0, value - other[name as keyof Usage])]),
  ) as unknown as Usage;

/** What is paid for whether used or not. */
const fixedOf = ({ stack, functions }: Environment) => ({
  alarms: stack.resources("AWS::CloudWatch::Alarm").length,
  dashboards: stack.resources("AWS::CloudWatch::Dashboard").length,
  metrics: new Set(functions.metrics().map(({ name, dimensions }) => JSON.stringify([name, dimensions]))).size,
});

const NOTHING = { alarms: 0, dashboards: 0, metrics: 0 };

export const benchCost = async (assembly: string, progress: (line: string) => void) => {
  const environment = await startEnvironment({ speed: Number.POSITIVE_INFINITY, assembly, messaging: "exact" });
  const { kube, clock, until } = environment;
  try {
    for (const path of ["quickstart/awsnodeclass.yaml", "quickstart/nodepool.yaml"])
      await applyObject(kube, example(path));
    await until("the pool is at rest", () => isSettled(environment), { withinMs: 30 * MINUTE_MS });
    const calls = recordCalls(environment);
    progress("cost: an idle hour");
    const idle = watch(environment, calls);
    await clock.sleep(HOUR_MS);
    const anHour = idle();

    progress("cost: a burst");
    const burst = watch(environment, calls);
    const running = () =>
      kube.store
        .list<KubeObject & { status?: { phase?: string } }>("pods", "default")
        .filter(({ status }) => status?.phase === "Running").length;
    await applyObject(kube, { ...example("burst/deployment.yaml") });
    await until("pods run", () => running() >= BURST_NODES, { withinMs: 10 * MINUTE_MS });
    await kube.client.delete("/apis/apps/v1/namespaces/default/deployments/burst");
    await until("the nodes are standby again", () => isSettled(environment), { withinMs: 30 * MINUTE_MS });
    const aBurst = burst();

    const without = scaled(anHour.usage, aBurst.forMs / anHour.forMs);
    const extra = minus(aBurst.usage, without);
    const idleMonth = scaled(anHour.usage, MONTH_MS / anHour.forMs);
    const burstsMonth = scaled(extra, BURSTS_A_DAY * DAYS_A_MONTH);
    return {
      measured: MEASURED,
      idleMonth: { usage: idleMonth, dollars: monthlyDollars(idleMonth, fixedOf(environment)) },
      burst: { seconds: Math.round(aBurst.forMs / 1000), usage: extra },
      thousandBurstsADay: { usage: burstsMonth, dollars: monthlyDollars(burstsMonth, NOTHING) },
    };
  } finally {
    await environment.stop();
  }
};
