import { expect, it } from "vitest";
import { plan } from "../../../../shared/pool/plan.ts";
import type { PoolView } from "../../../../shared/pool/view.ts";
import { aBusyInstance, aSpec, aView } from "../builders.ts";

const warnings = (view: PoolView) =>
  plan(view).flatMap((action) =>
    action.kind === "emitEvent" && action.type === "Warning" ? `${action.reason} ${action.message}` : [],
  );
const degraded = (reason: string) => ({ conditions: [{ type: "Degraded", status: "True", reason }] });
const missing = { nodeClass: { kind: "missing" } } as const;
const full = { spec: aSpec({ poolSize: 1, minStandby: 0 }), pending: { count: 3, unserved: 2 } };

it("a missing node class is reported once", () => {
  expect(warnings(aView([], missing))).toEqual(["NodeClassNotFound AWSNodeClass workers does not exist"]);
  expect(warnings(aView([], { ...missing, ...degraded("NodeClassNotFound") }))).toEqual([]);
});

it("a pool whose settings its node class cannot express is reported once", () => {
  const invalid = { nodeClass: { kind: "invalid", message: "preWarm.completionMode: set ControllerStop" } } as const;
  expect(warnings(aView([], invalid))).toEqual(["ValidationFailed preWarm.completionMode: set ControllerStop"]);
  expect(warnings(aView([], { ...invalid, ...degraded("ValidationFailed") }))).toEqual([]);
});

it("a pool at its capacity is reported once, with the number of pods that no node is on its way for and what to raise", () => {
  expect(warnings(aView([aBusyInstance()], full))).toEqual([
    "AtCapacity 2 pods wait, and every instance that spec.poolSize (1) allows is in use; raise spec.poolSize",
  ]);
  expect(warnings(aView([aBusyInstance()], { ...full, ...degraded("AtCapacity") }))).toEqual([]);
});

it("what follows another problem is reported, too", () => {
  expect(warnings(aView([aBusyInstance()], { ...full, ...degraded("StartFailing") }))).toHaveLength(1);
});
