import { describe, expect, it } from "vitest";
import type { PoolSpec } from "../../../shared/model/api/pool-spec.ts";
import { plan } from "../../../shared/pool/plan.ts";
import type { Instance } from "../../../shared/pool/view.ts";
import { anInstance, aPod, aSpec, aView, NOW } from "./builders.ts";
import { check, told } from "./decisions.ts";

const DAY = 24 * 3_600_000;

/** Which instances are ended, by the slots they are given here. */
const ended = (instances: readonly Instance[], spec: Partial<PoolSpec>) =>
  plan(aView(instances, { spec: aSpec(spec) })).flatMap((action) =>
    action.kind === "beginTransition" && action.to === "terminating"
      ? [`${action.instance.record.slot} ${action.reason}`]
      : [],
  );

const standby = (slot: number, record: object = {}) => anInstance("standby", { record: { slot, ...record } });

describe("a lowered poolSize", () => {
  const empty = { emptySince: NOW - 10_000 };
  const lowered = (slot: number) => `${slot} PoolSizeLowered`;

  it("ends standby first, outdated before unused, then warmups, then empty nodes", () => {
    const instances = [
      anInstance("running", { record: { slot: 1 }, pods: [aPod("p")] }),
      anInstance("running", { record: { slot: 2, ...empty } }),
      anInstance("warmup", { record: { slot: 3 } }),
      standby(4),
      standby(5, { stateSince: NOW - DAY / 2 }),
      standby(6, { fingerprint: "made-before" }),
    ];
    expect(ended(instances, { poolSize: 5 })).toEqual([lowered(6)]);
    expect(ended(instances, { poolSize: 4 })).toEqual([6, 5].map(lowered));
    expect(ended(instances, { poolSize: 2 })).toEqual([6, 5, 4, 3].map(lowered));
    expect(ended(instances, { poolSize: 1 })).toEqual([6, 5, 4, 3, 2].map(lowered));
  });

  it("leaves nodes that are in use, or that pods are on their way to", () => {
    const instances = [
      anInstance("running", { record: { slot: 1 }, pods: [aPod("p")] }),
      anInstance("running", {
        record: { slot: 2, startedAt: NOW - 5_000, ...empty },
        node: { ready: false, labels: { "stratos.sh/state": "running" } },
      }),
      anInstance("running", { record: { slot: 3 } }),
      anInstance("running", { record: { slot: 4, ...empty }, pods: [aPod("d", { owner: "DaemonSet" })] }),
    ];
    expect(ended(instances, { poolSize: 1 })).toEqual([lowered(4)]);
  });

  it("ends the longest empty node first", () => {
    const since = (slot: number, emptySince: number) => anInstance("running", { record: { slot, emptySince } });
    expect(ended([since(1, NOW - 10_000), since(2, NOW - 20_000)], { poolSize: 1 })).toEqual([lowered(2)]);
  });

  it("ends empty nodes where scale-down is off, too", () => {
    const scaleDown = { ...aSpec().scaleDown, enabled: false };
    const instances = [anInstance("running", { record: { slot: 1 } }), anInstance("running", { pods: [aPod("p")] })];
    expect(ended(instances, { poolSize: 1, scaleDown })).toEqual([lowered(1)]);
  });

  it("counts nothing that is going already", () => {
    const going = anInstance("terminating", { ec2: { state: "shutting-down" } });
    expect(ended([standby(1), going], { poolSize: 1 })).toEqual([]);
  });
});

describe("standby beyond minStandby", () => {
  const idle = (slot: number, forMs: number) => standby(slot, { stateSince: NOW - forMs });
  const pool = { minStandby: 1 };

  it("is kept for the next burst", () => {
    expect(ended([idle(1, DAY - 1), idle(2, DAY - 1)], pool)).toEqual([]);
  });

  it("ends when nobody has needed it for surplusStandbyTTL, one at a time", () => {
    expect(ended([idle(1, DAY), idle(2, 2 * DAY), idle(3, DAY)], pool)).toEqual(["2 Surplus"]);
    const going = anInstance("terminating", { record: { reason: "Surplus" }, ec2: { state: "shutting-down" } });
    expect(ended([idle(1, DAY), idle(3, DAY), going], pool)).toEqual([]);
  });

  it("is spared where scale-down is off", () => {
    const scaleDown = { ...aSpec().scaleDown, enabled: false };
    expect(ended([idle(1, DAY), idle(2, DAY)], { ...pool, scaleDown })).toEqual([]);
  });

  it("ends at once where the pool says so", () => {
    const scaleDown = { ...aSpec().scaleDown, surplusStandbyTtlMs: 0 };
    expect(ended([idle(1, 0), idle(2, 0)], { ...pool, scaleDown })).toEqual(["1 Surplus"]);
  });

  it("never goes below minStandby", () => {
    expect(ended([idle(1, DAY)], pool)).toEqual([]);
  });

  it("is said to go", () => {
    expect(told(aView([idle(1, DAY), idle(2, DAY)], { spec: aSpec(pool) }))).toEqual(["ScaleDown"]);
  });
});

describe("a raised minStandby", () => {
  check([
    {
      name: "launches what is missing",
      view: aView([standby(1)], { spec: aSpec({ minStandby: 4 }) }),
      does: ["launch 3"],
    },
  ]);
});
