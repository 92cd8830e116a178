/** How many API calls a burst of pods needs. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { applyObject } from "../local/demo/apply.ts";
import { type Environment, startEnvironment } from "../local/environment/start.ts";
import type { KubeObject } from "../local/kubernetes/api-server/store.ts";

const BURSTS = [1, 10, 100] as const;
const MINUTE_MS = 60_000;

const MEASURED =
  "Calls of all functions from the creation of a Deployment until its last pod runs, in virtual time, with one pod per node and a pool " +
  "with exactly that many standby instances. aws: by service and action, as signed. kubernetes: by verb and resource. Includes repeated " +
  "reads while the nodes boot; excludes the forwarder's watches and PutEvents.";

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

const burst = async (assembly: string, nodes: number) => {
  const environment = await startEnvironment({ speed: Number.POSITIVE_INFINITY, assembly, messaging: "exact" });
  try {
    await warmUp(environment, nodes);
    const since = environment.clock.now();
    const aws = recordCalls(environment);
    await applyObject(environment.kube, burstOf(nodes));
    const running = () =>
      environment.kube.store.list<PodObject>("pods", "default").filter(({ status }) => status?.phase === "Running")
        .length;
    await environment.until(`${nodes} pods run`, () => running() === nodes, { withinMs: 10 * MINUTE_MS });
    return { nodes, aws: count(aws), kubernetes: count(kubernetesCalls(environment, since)) };
  } finally {
    await environment.stop();
  }
};

export const benchCalls = async (assembly: string, progress: (line: string) => void) => {
  const bursts = [];
  for (const nodes of BURSTS) {
    progress(`calls: a burst of ${nodes} nodes`);
    bursts.push(await burst(assembly, nodes));
  }
  return { measured: MEASURED, bursts };
};
