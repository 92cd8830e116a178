import { expect, it } from "vitest";
import { createRateLimiter } from "../../../shared/aws/rate-limiter.ts";

const aPace = () => {
  let time = 0;
  const pace = createRateLimiter({
    size: 4,
    perSecond: 2,
    now: () => time,
    pause: async (ms) => {
      time += ms;
    },
  });
  const call = async () => {
    await pace();
    return time;
  };
  const rest = (ms: number) => {
    time += ms;
  };
  return { call, rest };
};

it("lets a burst through at once and what follows at the rate of the bucket", async () => {
  const { call } = aPace();
  expect(await Promise.all(Array.from({ length: 7 }, call))).toEqual([0, 0, 0, 0, 500, 1_000, 1_500]);
});

it("lets calls through at once again after a rest", async () => {
  const { call, rest } = aPace();
  await Promise.all(Array.from({ length: 4 }, call));
  rest(1_000);
  expect(await Promise.all(Array.from({ length: 3 }, call))).toEqual([1_000, 1_000, 1_500]);
});
