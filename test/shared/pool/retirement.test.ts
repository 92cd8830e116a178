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
