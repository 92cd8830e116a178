/** How much memory and time a pool needs to read the pods of its nodes, in a cluster with many others. */
import { once } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Worker } from "node:worker_threads";
import { createKubeClient } from "../shared/kube/http-client.ts";
import { listPods } from "../shared/reconcilers/pool/list-pods.ts";
import { type Address, type Contents, nodeName } from "./pool-server.ts";

const CASES: readonly Contents[] = [
  { nodes: 100, podsPerNode: 10, podsElsewhere: 3_000 },
  { nodes: 1_000, podsPerNode: 10, podsElsewhere: 30_000 },
];
const SAMPLE_MS = 2;

const MEASURED =
  "A pool's list of the pods on its nodes, over HTTPS on loopback, with a server on another thread. pods: on the nodes. heldMb: heap that the result keeps. " +
  "peakMb: the most heap in use meanwhile, garbage included. whole: for comparison, a list of all pods that keeps them whole. Without " +
  "the rest of a reconcile: nodes, EC2, the table and the plan.";

const megabytes = (bytes: number): number => Math.round(bytes / 100_000) / 10;
const heapUsed = (): number => process.memoryUsage().heapUsed;

const createCollector = (): (() => void) => {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc");
};

const measure = async <T>(collect: () => void, read: () => Promise<T>, count: (result: T) => number) => {
  collect();
  const before = heapUsed();
  let peak = before;
  const sampler = setInterval(() => {
    peak = Math.max(peak, heapUsed());
  }, SAMPLE_MS);
  const startedAt = performance.now();
  const result = await read();
  const ms = Math.round(performance.now() - startedAt);
  clearInterval(sampler);
  collect();
  const held = heapUsed() - before;
  // Counted here, so that the result is not collected before.
  return { pods: count(result), ms, heldMb: megabytes(held), peakMb: megabytes(peak) };
};

const oneCase = async (contents: Contents) => {
  const server = new Worker(new URL("./pool-server.ts", import.meta.url), { workerData: contents });
  try {
    const [{ endpoint, ca }] = (await once(server, "message")) as [Address];
    const kube = createKubeClient({ endpoint, ca });
    const nodes = Array.from({ length: contents.nodes }, (_, index) => nodeName(index));
    const collect = createCollector();
    const projected = await measure(
      collect,
      () => listPods(kube, nodes),
      (pods) => [...pods.values()].flat().length,
    );
    const whole = await measure(
      collect,
      () => kube.list("/api/v1/pods"),
      (pods) => pods.length,
    );
    return { ...contents, ...projected, whole };
  } finally {
    await server.terminate();
  }
};

export const benchPoolReading = async (progress: (line: string) => void) => {
  const cases = [];
  for (const contents of CASES) {
    progress(`pool reading: ${contents.nodes} nodes, ${contents.podsElsewhere} pods elsewhere`);
    cases.push(await oneCase(contents));
  }
  return { measured: MEASURED, cases };
};
