/** The main job, end to end: pods come, standby nodes start, pods run, pods leave, nodes go back to standby. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseAllDocuments } from "yaml";
import type { Environment } from "../environment/start.ts";
import type { KubeObject } from "../kubernetes/api-server/store.ts";
import { applyObject } from "./apply.ts";
import type { Screen } from "./screen.ts";
import { type Stopwatch, startStopwatch, type Waiting } from "./stopwatch.ts";

const MINUTE_MS = 60_000;
const POOL = "workers";

interface PoolObject extends KubeObject {
  spec: { minStandby: number };
  status?: { standby?: number; running?: number; stopping?: number; warmup?: number };
}

interface PodObject extends KubeObject {
  status?: { phase?: string };
}

export interface DemoResult {
  readonly waits: readonly Waiting[];
  /** StartInstances calls that the burst took. */
  readonly startCalls: number;
  readonly started: number;
}

const example = (path: string): string => fileURLToPath(new URL(`../../examples/${path}`, import.meta.url));

const manifests = (path: string): KubeObject[] =>
  parseAllDocuments(readFileSync(example(path), "utf8")).map((document) => document.toJS() as KubeObject);

const apply = async (embedded: Environment, screen: Screen, path: string): Promise<void> => {
  for (const object of manifests(path)) {
    await applyObject(embedded.kube, object);
    screen.say(`applied ${object.kind} ${object.metadata.name} (examples/${path})`);
  }
};

const poolCounts = ({ kube }: Environment) => kube.store.get<PoolObject>("nodepools.stratos.sh", POOL)?.status ?? {};

const burstPods = ({ kube }: Environment) =>
  kube.store.list<PodObject>("pods", "default").filter(({ metadata }) => metadata.labels?.app === "burst");

const untilStandby = (embedded: Environment, description: string) =>
  embedded.until(
    description,
    () => {
      const { standby = 0, warmup = 0, running = 0, stopping = 0 } = poolCounts(embedded);
      return standby >= 3 && warmup + running + stopping === 0;
    },
    { withinMs: 20 * MINUTE_MS },
  );

const burst = async (embedded: Environment, screen: Screen, stopwatch: Stopwatch): Promise<DemoResult> => {
  const before = embedded.ec2.calls().length;
  await apply(embedded, screen, "burst/deployment.yaml");
  await embedded.until(
    "all pods of the burst run",
    () => burstPods(embedded).filter(({ status }) => status?.phase === "Running").length === 4,
    { withinMs: 5 * MINUTE_MS },
  );
  const starts = embedded.ec2
    .calls()
    .slice(before)
    .filter(({ action, error }) => action === "StartInstances" && error === undefined);
  return {
    waits: stopwatch.waits(starts[0]?.at ?? 0),
    startCalls: starts.length,
    started: new Set(starts.flatMap(({ ids }) => ids)).size,
  };
};

const leave = async (embedded: Environment, screen: Screen): Promise<void> => {
  await embedded.kube.client.delete("/apis/apps/v1/namespaces/default/deployments/burst");
  screen.say("deleted Deployment burst; its nodes stay for the pool's emptyNodeTTL (5 min), then go back to standby");
  await embedded.until("the burst's pods are gone", () => burstPods(embedded).length === 0, {
    withinMs: 5 * MINUTE_MS,
  });
  await untilStandby(embedded, "every node is standby again");
};

/** Runs the whole show; `screen` says what is done here, what follows from it is told by `narrate`. */
export const runDemo = async (embedded: Environment, screen: Screen): Promise<DemoResult> => {
  const stopwatch = startStopwatch(embedded.clock, embedded.kube.store);
  try {
    await apply(embedded, screen, "quickstart/awsnodeclass.yaml");
    await apply(embedded, screen, "quickstart/nodepool.yaml");
    await untilStandby(embedded, "three instances are standby");
    screen.say("the pool is ready: 3 stopped instances wait");
    const result = await burst(embedded, screen, stopwatch);
    screen.say("every pod of the burst runs");
    await leave(embedded, screen);
    screen.say("every node is standby again");
    return result;
  } finally {
    stopwatch.stop();
  }
};
