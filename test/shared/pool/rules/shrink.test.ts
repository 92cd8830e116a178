import { describe, expect, it } from "vitest";
import type { InstanceRecord } from "../../../../shared/model/instance-record.ts";
import type { Instance } from "../../../../shared/pool/view.ts";
import { aBusyInstance, anInstance, aPod, aSpec, aView, DAY, NOW, SECOND, type SpecOverrides } from "../builders.ts";
import { check, terminations } from "../decisions.ts";

const terminated = (instances: readonly Instance[], spec: SpecOverrides) =>
  terminations(aView(instances, { spec: aSpec(spec) }));
const standby = (slot: number, record: Partial<InstanceRecord> = {}) =>
  anInstance("standby", { record: { slot, ...record } });
const lowered = (slot: number) => `${slot} PoolSizeLowered`;

describe("a lowered poolSize", () => {
  const empty = { emptySince: NOW - 10 * SECOND };

  it("terminates standby first, drifted before unused, then warmups, then empty nodes", () => {
    const instances = [
      aBusyInstance({ slot: 1 }),
      anInstance("running", { record: { slot: 2, ...empty } }),
      anInstance("warmup", { record: { slot: 3 } }),
      standby(4),
      standby(5, { stateSince: NOW - DAY / 2 }),
      standby(6, { fingerprint: "outdated" }),
    ];
    expect(terminated(instances, { poolSize: 5 })).toEqual([lowered(6)]);
    expect(terminated(instances, { poolSize: 4 })).toEqual([6, 5].map(lowered));
    expect(terminated(instances, { poolSize: 2 })).toEqual([6, 5, 4, 3].map(lowered));
    expect(terminated(instances, { poolSize: 1 })).toEqual([6, 5, 4, 3, 2].map(lowered));
  });

  it("keeps nodes that are in use, that are starting, or that were not empty before", () => {
    const instances = [
      aBusyInstance({ slot: 1 }),
      anInstance("running", { record: { slot: 2, startedAt: NOW - 5 * SECOND, ...empty }, node: { ready: false } }),
      anInstance("running", { record: { slot: 3 } }),
      anInstance("running", { record: { slot: 4, ...empty }, pods: [aPod("d", { owner: "DaemonSet" })] }),
    ];
    expect(terminated(instances, { poolSize: 1 })).toEqual([lowered(4)]);
  });

  it("terminates the longest empty node first", () => {
    const since = (slot: number, emptySince: number) => anInstance("running", { record: { slot, emptySince } });
    const instances = [since(1, NOW - 10 * SECOND), since(2, NOW - 20 * SECOND)];
    expect(terminated(instances, { poolSize: 1 })).toEqual([lowered(2)]);
  });

  it("terminates empty nodes where scale-down is disabled, too", () => {
    const instances = [anInstance("running", { record: { slot: 1 } }), aBusyInstance()];
    expect(terminated(instances, { poolSize: 1, scaleDown: { enabled: false } })).toEqual([lowered(1)]);
  });

  it("does not count terminating instances", () => {
    const terminating = anInstance("terminating", { ec2: { state: "shutting-down" } });
    expect(terminated([standby(1), terminating], { poolSize: 1 })).toEqual([]);
  });

  it("counts a node on hold, and terminates it after all other standby", () => {
    const held = anInstance("standby", {
      record: { slot: 1, stateSince: NOW - DAY },
      node: { annotations: { "stratos.sh/hold": "Cordoned" } },
    });
    const instances = [held, standby(2), anInstance("warmup", { record: { slot: 3 } })];
    expect(terminated(instances, { poolSize: 2 })).toEqual([lowered(2)]);
    expect(terminated(instances, { poolSize: 1 })).toEqual([2, 1].map(lowered));
  });

  check([
    {
      name: "terminates one instance if one exceeds it",
      view: aView([standby(900), standby(1), standby(2)], { spec: aSpec({ poolSize: 2 }) }),
      expected: ["beginTransition terminating: PoolSizeLowered"],
    },
    {
      name: "terminates nothing while the pool is paused",
      view: aView([standby(1), standby(2)], { spec: aSpec({ paused: true, poolSize: 1 }) }),
      expected: [],
    },
  ]);
});
