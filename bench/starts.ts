/** How many calls it takes to start very many instances, and to find out which of them cannot be. */
import { createRateLimiter } from "../shared/aws/rate-limiter.ts";
import { startBatch } from "../shared/aws/start-batch.ts";
import type { Ec2Instance } from "../shared/model/ec2.ts";

const INSTANCES = 1000;

const MEASURED =
  `Starting ${INSTANCES} stopped instances of one type in one zone, without EC2: StartInstances and DescribeInstances calls, and how long EC2's limit of ` +
  "two starts a second makes it. enough: there is capacity for all. half, none: for half of them, for none. spoilt: one of them fails each batch that it " +
  "is in, and EC2 does not say which. gone: one of them has been terminated.";

interface World {
  readonly capacity: number;
  /** Number of an instance that cannot be started. */
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

const refusal = (name: string, $fault: "client" | "server") => Object.assign(new Error(name), { name, $fault });

const count = async ({ capacity, spoilt, gone }: World) => {
  const ids = Array.from({ length: INSTANCES }, (_, index) => `i-${String(index).padStart(17, "0")}`);
  const [bad, dead] = [spoilt, gone].map((index) => (index === undefined ? undefined : ids[index]));
  const calls = { starts: 0, describes: 0 };
  let ms = 0;
  let left = capacity;
  const now = () => ms;
  const pause = async (pausedMs: number) => {
    ms += pausedMs;
  };
  const pace = createRateLimiter({ size: 4, perSecond: 2, now, pause });
  const { started } = await startBatch(
    {
      startInstances: async (batch) => {
        await pace();
        calls.starts += 1;
        if (batch.some((id) => id === bad || id === dead)) throw refusal("InvalidState", "client");
        if (batch.length > left) throw refusal("InsufficientInstanceCapacity", "server");
        left -= batch.length;
      },
      describeInstances: async (filter) => {
        calls.describes += 1;
        const asked = "ids" in filter ? filter.ids : ids;
        return asked.map((instanceId) => ({
          instanceId,
          state: instanceId === dead ? "terminated" : "stopped",
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
