import { describe, expect, it } from "vitest";
import { comingStandby, desiredStandby, unrequestedSlots, usableStandby } from "../../../shared/pool/standby-target.ts";
import { statusOf } from "../../../shared/pool/status.ts";
import type { Instance, PoolView } from "../../../shared/pool/view.ts";
import { aLaunchRequest, anInstance, aRequestedLaunch, aSpec, aView } from "./builders.ts";

const many = (count: number, make: () => Instance): Instance[] => Array.from({ length: count }, make);
const onHold = () => anInstance("standby", { node: { annotations: { "stratos.sh/hold": "Cordoned" } } });
const startedExternally = () => anInstance("running", { record: { reason: "StartedFromOutside" } });
const view = (instances: readonly Instance[], overrides: Partial<PoolView> = {}) =>
  aView(instances, { spec: aSpec({ poolSize: 5, minStandby: 3 }), ...overrides });

describe("the desired standby", () => {
  it.each([
    ["is minStandby in an empty pool", [], 3],
    ["is not lowered by warming instances", many(3, () => anInstance("warmup")), 3],
    ["is not lowered by terminating instances", many(4, () => anInstance("terminating")), 3],
    ["leaves room for running instances", many(3, () => anInstance("running")), 2],
    ["leaves room for stopping instances", many(4, () => anInstance("stopping")), 1],
    ["is never negative", many(7, () => anInstance("running")), 0],
    ["leaves room for nodes on hold", many(4, onHold), 1],
    ["is not lowered by externally started instances", many(3, startedExternally), 3],
  ])("%s", (_, instances, desired) => {
    expect(desiredStandby(view(instances))).toBe(desired);
    expect(statusOf(view(instances)).desiredStandby).toBe(desired);
  });
});

it("coming standby counts each instance once, and none that warms up for pods", () => {
  const instances = [
    anInstance("standby"),
    anInstance("warmup"),
    anInstance("warmup", { record: { overflow: "serve" } }),
    anInstance("stopping"),
    anInstance("running"),
    startedExternally(),
  ];
  expect(comingStandby(view(instances))).toBe(4);
});

it("a node on hold is neither standby nor coming standby, but keeps its slot", () => {
  const stopping = anInstance("stopping", { node: { annotations: { "stratos.sh/hold": "Cordoned" } } });
  const instances = [anInstance("standby"), onHold(), stopping];
  expect(usableStandby(view(instances))).toHaveLength(1);
  expect(comingStandby(view(instances))).toBe(1);
  expect(unrequestedSlots(view(instances))).toBe(2);
  expect(statusOf(view(instances)).standby).toBe(1);
});

it("unrequested slots exclude those that a launch request takes", () => {
  const request = aLaunchRequest({ launches: [aRequestedLaunch(2)] });
  expect(unrequestedSlots(view([anInstance("standby")], { request }))).toBe(2);
});
