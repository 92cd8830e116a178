/** How many calls it takes to start many instances, and to find those that cannot be started. */
import { createRateLimiter } from "../shared/aws/rate-limiter.ts";
import { startBatch } from "../shared/aws/start-batch.ts";
import type { Ec2Instance } from "../shared/model/ec2.ts";

const INSTANCES = 1000;

const MEASURED =
  `Starting ${INSTANCES} stopped instances of one type in one zone, without EC2: the number of StartInstances and DescribeInstances calls, and the ` +
  "time at EC2's limit of two starts per second. enough: capacity for all. half: capacity for half of them. none: no capacity. spoilt: one " +
  "instance fails every batch that contains it, and EC2 does not name it. gone: one instance has been terminated.";

interface World {
  readonly capacity: number;
  /** Index of an instance that cannot be started. */
  readonly spoilt?: number;
  readonly gone?: number;
}

const CASES: Readonly<Record<string, World>> = {
  enough: { capacity: INSTANCES },
  half: { capacity: INSTANCES / 2 },
  none: { capacity: 0 },
  spoilt: { capacity: INSTANCES, spoilt: 617 },
  gone: { capacity: INSTANCES, gone: 617 },
};

const awsError = (name: string, $fault: "client" | "server") => Object.assign(new Error(name), { name, $fault });

const count = async ({ capacity, spoilt, gone }: World) => {
  const ids = Array.from({ length: INSTANCES }, (_, index) => `i-${String(index).padStart(17, "0")}`);
  const [spoiltId, goneId] = [spoilt, gone].map((index) => (index === undefined ? undefined : ids[index]));
  const calls = { starts: 0, describes: 0 };
  let ms = 0;
  let remaining = capacity;
  const now = () => ms;
  const pause = async (pausedMs: number) => {
    ms += pausedMs;
  };
  const rateLimiter = createRateLimiter({ burst: 4, perSecond: 2, now, pause });
  const { started } = await startBatch(
    {
      startInstances: async (batch) => {
        await rateLimiter();
        calls.starts += 1;
        if (batch.some((id) => id === spoiltId || id === goneId)) throw awsError("InvalidState", "client");
        if (batch.length > remaining) throw awsError("InsufficientInstanceCapacity", "server");
        remaining -= batch.length;
      },
      describeInstances: async (filter) => {
        calls.describes += 1;
        const requested = "ids" in filter ? filter.ids : ids;
        return requested.map((instanceId) => ({
          instanceId,
          state: instanceId === goneId ? "terminated" : "stopped",
        })) as Ec2Instance[];
      },
    },
    ids,
  );
  return { started: started.length, ...calls, seconds: ms / 1000 };
};

export const benchStarts = async () => {
  const cases: Record<string, Awaited<ReturnType<typeof count>>> = {};
  for (const [name, world] of Object.entries(CASES)) cases[name] = await count(world);
  return { measured: MEASURED, cases };
};
