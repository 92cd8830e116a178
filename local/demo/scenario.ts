/** The main job, end to end: pods arrive, standby nodes start, pods run, pods finish, nodes return to standby. */
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
  /** The number of StartInstances calls for the burst. */
  readonly startCalls: number;
  readonly started: number;
}

const example = (path: string): string => fileURLToPath(new URL(`../../examples/${path}`, import.meta.url));

const manifests = (path: string): KubeObject[] =>
  parseAllDocuments(readFileSync(example(path), "utf8")).map((document) => document.toJS() as KubeObject);

const apply = async (environment: Environment, screen: Screen, path: string): Promise<void> => {
  for (const object of manifests(path)) {
    await applyObject(environment.kube, object);
    screen.say(`applied ${object.kind} ${object.metadata.name} (examples/${path})`);
  }
};

const poolCounts = ({ kube }: Environment) => kube.store.get<PoolObject>("nodepools.stratos.sh", POOL)?.status ?? {};

const burstPods = ({ kube }: Environment) =>
  kube.store.list<PodObject>("pods", "default").filter(({ metadata }) => metadata.labels?.app === "burst");

const untilStandby = (environment: Environment, description: string) =>
  environment.until(
    description,
    () => {
      const { standby = 0, warmup = 0, running = 0, stopping = 0 } = poolCounts(environment);
      return standby >= 3 && warmup + running + stopping === 0;
    },
    { withinMs: 20 * MINUTE_MS },
  );

const runBurst = async (environment: Environment, screen: Screen, stopwatch: Stopwatch): Promise<DemoResult> => {
  const before = environment.ec2.calls().length;
  await apply(environment, screen, "burst/deployment.yaml");
  await environment.until(
    "all burst pods are running",
    () => burstPods(environment).filter(({ status }) => status?.phase === "Running").length === 4,
    { withinMs: 5 * MINUTE_MS },
  );
  const starts = environment.ec2
    .calls()
    .slice(before)
    .filter(({ action, error }) => action === "StartInstances" && error === undefined);
  return {
    waits: stopwatch.waits(starts[0]?.at ?? 0),
    startCalls: starts.length,
    started: new Set(starts.flatMap(({ ids }) => ids)).size,
  };
};

const removeBurst = async (environment: Environment, screen: Screen): Promise<void> => {
  await environment.kube.client.delete("/apis/apps/v1/namespaces/default/deployments/burst");
  screen.say("deleted Deployment burst; its nodes stay up for the pool's emptyNodeTTL (5 min), then return to standby");
  await environment.until("the burst pods are gone", () => burstPods(environment).length === 0, {
    withinMs: 5 * MINUTE_MS,
  });
  await untilStandby(environment, "all nodes are back in standby");
};

/** Runs the whole demo. `screen` reports the actions taken here; `narrate` reports their consequences. */
export const runDemo = async (environment: Environment, screen: Screen): Promise<DemoResult> => {
  const stopwatch = startStopwatch(environment.clock, environment.kube.store);
  try {
    await apply(environment, screen, "quickstart/awsnodeclass.yaml");
    await apply(environment, screen, "quickstart/nodepool.yaml");
    await untilStandby(environment, "three instances are in standby");
    screen.say("the pool is ready: 3 stopped instances in standby");
    const result = await runBurst(environment, screen, stopwatch);
    screen.say("all burst pods are running");
    await removeBurst(environment, screen);
    screen.say("all nodes are back in standby");
    return result;
  } finally {
    stopwatch.stop();
  }
};
