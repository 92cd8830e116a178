import { expect, it } from "vitest";
import { mayFollow, POOL_STATES } from "../../../shared/model/instance-state.ts";

it("allows exactly the legal transitions", () => {
  const legal = POOL_STATES.flatMap((from) =>
    POOL_STATES.filter((to) => mayFollow(from, to)).map((to) => `${from}→${to}`),
  );
  expect(legal).toEqual([
    "warmup→standby",
    "warmup→running",
    "warmup→terminating",
    "standby→warmup",
    "standby→running",
    "standby→terminating",
    "running→standby",
    "running→stopping",
    "running→terminating",
    "stopping→standby",
    "stopping→running",
    "stopping→terminating",
  ]);
});
