import type { KubeClient } from "../../../../shared/kube/client.ts";
import { sweep } from "../../../../shared/reconcilers/sweep/sweep.ts";
import { countingTelemetry, inMemoryTable } from "../../queue/in-memory.ts";
import { createFakeEc2 } from "../fake-ec2.ts";
import { createFakeKube } from "../fake-kube.ts";

export const unreachable = new Error("no route to the cluster");

/** Two empty clusters, c and d. */
export const setup = (telemetry = countingTelemetry()) => {
  const time = { now: 10_000_000 };
  const kube = { c: createFakeKube(() => time.now), d: createFakeKube(() => time.now) };
  const unreachableClusters = new Set<string>();
  const woken: string[] = [];
  const ports = {
    clusters: ["c", "d"],
    kube: async (cluster: string): Promise<KubeClient> => {
      if (unreachableClusters.has(cluster)) throw unreachable;
      return kube[cluster as "c" | "d"].port;
    },
    ec2: createFakeEc2(() => time.now),
    table: inMemoryTable(),
    wakeQueue: {
      enqueue: async (kind: string, keys: readonly string[]) => void woken.push(...keys.map((key) => `${kind} ${key}`)),
    },
    telemetry,
  };
  const run = async () => {
    woken.length = 0;
    await sweep({ ...ports, ec2: () => ports.ec2.port }, time.now);
    return woken.toSorted();
  };
  /** Reconciles the key, successfully or with failures. */
  const reconcile = async (
    key: string,
    { failures = 0, nextWakeAt }: { failures?: number; nextWakeAt?: number } = {},
  ) => {
    const work = { kind: "pool", key } as const;
    const { fence = 0, dirtySeq: seen = 0 } = (await ports.table.acquire(work, "w", time.now, 75_000)) ?? {};
    const end = { fence, failures, nextWakeAt, wakes: 0, wakesSince: 0, now: time.now };
    if (failures > 0) await ports.table.abandon(work, end);
    else await ports.table.release(work, { ...end, seen, answeredUntil: time.now });
  };
  return { ...ports, time, kubes: kube, unreachableClusters, woken, run, reconcile };
};
