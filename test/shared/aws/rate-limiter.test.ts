import { expect, it } from "vitest";
import { createRateLimiter } from "../../../shared/aws/rate-limiter.ts";

const aLimiter = () => {
  let time = 0;
  const limit = createRateLimiter({
    burst: 4,
    perSecond: 2,
    now: () => time,
    pause: async (ms) => {
      time += ms;
    },
  });
  const call = async () => {
    await limit();
    return time;
  };
  const wait = (ms: number) => {
    time += ms;
  };
  return { call, wait };
};

it("passes a burst immediately and later calls at the bucket's rate", async () => {
  const { call } = aLimiter();
  expect(await Promise.all(Array.from({ length: 7 }, call))).toEqual([0, 0, 0, 0, 500, 1_000, 1_500]);
});

it("passes calls immediately again after a pause", async () => {
  const { call, wait } = aLimiter();
  await Promise.all(Array.from({ length: 4 }, call));
  wait(1_000);
  expect(await Promise.all(Array.from({ length: 3 }, call))).toEqual([1_000, 1_000, 1_500]);
});
