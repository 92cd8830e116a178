import { describe, expect, it } from "vitest";
import type { InstanceRecord } from "../../../shared/model/instance-record.ts";
import { retirement } from "../../../shared/pool/retirement.ts";
import { anInstance, aSpec, aView, HOUR, type InstanceOverrides, NOW } from "./builders.ts";
import { check, eventMessages } from "./decisions.ts";

const spec = aSpec({ disruption: { maxReuses: 2 } });
const RETIRE = { "stratos.sh/retire": "" };

const empty = (record: Partial<InstanceRecord>, node: InstanceOverrides["node"] = {}) =>
  anInstance("running", {
    record: { emptySince: NOW - HOUR, readyAt: NOW - HOUR, openedAt: NOW - HOUR, ...record },
    node,
  });

describe("an instance", () => {
  it("is retired after as many times in service as the pool allows", () => {
    expect([0, 1, 2, 3].map((starts) => retirement(empty({ starts }), spec))).toEqual([
      undefined,
      undefined,
      expect.stringContaining("served 2 times"),
      expect.stringContaining("served 3 times"),
    ]);
  });

  it("is never retired without a limit, unless its node says so", () => {
    expect(retirement(empty({ starts: 1000 }), aSpec())).toBeUndefined();
    expect(retirement(empty({}, { annotations: RETIRE }), aSpec())).toContain("stratos.sh/retire");
  });
});

describe("an instance whose disk is fuller than maxDiskPercent", () => {
  const GB = 1_000_000_000;
  const limited = aSpec({ disruption: { maxDiskPercent: 80 } });
  const capacity = { "ephemeral-storage": "20Gi" };
  const disk = (bytes: number) => ({ images: ["a", "b"], imageBytes: bytes, capacity });
  const said = (percent: string) => ({ annotations: { "stratos.sh/disk-used-percent": percent } });

  it("is retired by what its annotation says", () => {
    expect(["80", "80.5", "100"].map((percent) => retirement(empty({ starts: 1 }, said(percent)), limited))).toEqual([
      undefined,
      "its disk is 80 % full (disruption.maxDiskPercent)",
      "its disk is 100 % full (disruption.maxDiskPercent)",
    ]);
  });

  it("is retired by the images that its kubelet reports, if nothing else says", () => {
    const retired = expect.stringContaining("its disk is 83 % full");
    expect(retirement(empty({ starts: 1 }, disk(9 * GB)), limited)).toEqual(retired);
    expect(retirement(empty({ starts: 1 }, disk(8 * GB)), limited)).toBeUndefined();
    expect(retirement(empty({ starts: 1 }, { ...disk(9 * GB), ...said("20") }), limited)).toBeUndefined();
    for (const nonsense of ["", "full", "-1", "101"])
      expect(retirement(empty({ starts: 1 }, { ...disk(9 * GB), ...said(nonsense) }), limited)).toEqual(retired);
  });

  it("is not retired if nothing says how full it is, or without a limit", () => {
    expect(retirement(empty({ starts: 1 }), limited)).toBeUndefined();
    expect(retirement(empty({ starts: 1 }, { ...disk(9 * GB), capacity: {} }), limited)).toBeUndefined();
    expect(retirement(empty({ starts: 1 }, said("100")), aSpec())).toBeUndefined();
  });

  it("is not retired before it has served: the next one would be as full", () => {
    const warmed = anInstance("standby", { node: said("100") });
    expect(retirement(warmed, limited)).toBeUndefined();
  });
});

describe("a node that is retired", () => {
  const off = { ec2: { state: "stopped" } } as const;
  const stopped = anInstance("stopping", { ...off, record: { starts: 2, reason: "MaxRuntime" } });
  check([
    {
      name: "is replaced when it is empty",
      view: aView([empty({ starts: 2 })], { spec }),
      expected: ["beginTransition terminating: Retired"],
    },
    {
      name: "returns to standby before that",
      view: aView([empty({ starts: 1 })], { spec }),
      expected: ["beginTransition stopping: Empty"],
    },
    {
      name: "is replaced instead of becoming standby when it was drained",
      view: aView([stopped], { spec }),
      expected: ["beginTransition terminating: Retired"],
    },
  ]);

  it("is standby that has drifted, if it is annotated there", () => {
    const view = aView([anInstance("standby", { node: { annotations: RETIRE } })], { hasPendingPods: false });
    expect(eventMessages(view).join()).toContain("drifted standby");
  });

  it("is named with the reason", () => {
    expect(eventMessages(aView([empty({ starts: 2 })], { spec }))).toEqual([
      expect.stringMatching(/replacing it, because it has served 2 times \(disruption.maxReuses\)/),
    ]);
  });
});
