import { describe, expect, it } from "vitest";
import { anInstance, aSpec, aView, DAY, NOW, type SpecOverrides } from "../builders.ts";
import { check, events, terminations } from "../decisions.ts";

const unused = (slot: number, forMs: number) => anInstance("standby", { record: { slot, stateSince: NOW - forMs } });
const pool = (instances: Parameters<typeof aView>[0], overrides: SpecOverrides = {}, deleting = false) =>
  aView(instances, { spec: aSpec({ minStandby: 1, ...overrides }), deleting });

describe("standby beyond minStandby", () => {
  it("is kept for the next burst", () => {
    expect(terminations(pool([unused(1, DAY - 1), unused(2, DAY - 1)]))).toEqual([]);
  });

  it("is terminated after surplusStandbyTTL without use, one instance at a time", () => {
    expect(terminations(pool([unused(1, DAY), unused(2, 2 * DAY), unused(3, DAY)]))).toEqual(["2 Surplus"]);
    const ending = anInstance("terminating", { record: { reason: "Surplus" }, ec2: { state: "shutting-down" } });
    expect(terminations(pool([unused(1, DAY), unused(3, DAY), ending]))).toEqual([]);
  });

  it("is kept where scale-down is disabled", () => {
    expect(terminations(pool([unused(1, DAY), unused(2, DAY)], { scaleDown: { enabled: false } }))).toEqual([]);
  });

  it("is terminated at once if the TTL is 0", () => {
    expect(terminations(pool([unused(1, 0), unused(2, 0)], { scaleDown: { surplusStandbyTtlMs: 0 } }))).toEqual([
      "1 Surplus",
    ]);
  });

  it("never drops below minStandby", () => {
    expect(terminations(pool([unused(1, DAY)]))).toEqual([]);
  });

  it("neither counts nor ends a node on hold", () => {
    const held = (slot: number) =>
      anInstance("standby", {
        record: { slot, stateSince: NOW - 9 * DAY },
        node: { annotations: { "stratos.sh/hold": "Cordoned" } },
      });
    expect(terminations(pool([unused(1, DAY), held(2)]))).toEqual([]);
    expect(terminations(pool([unused(1, 0), held(2), unused(3, 0)]))).toEqual([]);
    expect(terminations(pool([unused(1, DAY), held(2), unused(3, 2 * DAY)]))).toEqual(["3 Surplus"]);
  });

  it("is terminated with an event", () => {
    expect(events(pool([unused(1, DAY), unused(2, DAY)]))).toEqual(["ScaleDown"]);
  });

  check([
    {
      name: "is kept while the pool is paused",
      view: pool([unused(1, DAY), unused(2, DAY)], { paused: true }),
      expected: [],
    },
    {
      name: "is terminated with its pool",
      view: pool([unused(1, DAY), unused(2, DAY)], {}, true),
      expected: ["beginTransition terminating: PoolDeleted", "beginTransition terminating: PoolDeleted"],
    },
  ]);
});
