import { describe, expect, it } from "vitest";
import type { Action } from "../../../shared/pool/actions.ts";
import { createDecisions } from "../../../shared/pool/decisions.ts";
import { anInstance, aView, MINUTE, NOW } from "./builders.ts";

const instance = anInstance("running", { record: { startedAt: NOW - MINUTE } });
const emptySince = (value: number | null): Action => ({
  kind: "updateRecord",
  instance,
  set: { emptySince: value },
});
const readyAt: Action = { kind: "updateRecord", instance, set: { readyAt: NOW } };
const stopping: Action = { kind: "beginTransition", instance, to: "stopping", reason: "Empty" };

describe("the decisions on one instance", () => {
  it("are visible to later rules", () => {
    const decisions = createDecisions(aView([instance]));
    decisions.add([readyAt]);
    expect(decisions.open().instances.running[0]?.record.readyAt).toBe(NOW);
  });

  it("become one change of its record, in which the later decision wins", () => {
    const decisions = createDecisions(aView([instance]));
    decisions.add([readyAt, emptySince(NOW)]);
    decisions.add([emptySince(null)]);
    expect(decisions.actions()).toMatchObject([{ kind: "updateRecord", set: { readyAt: NOW, emptySince: null } }]);
  });

  it("are written together with its transition", () => {
    const decisions = createDecisions(aView([instance]));
    decisions.add([readyAt, stopping]);
    expect(decisions.actions()).toMatchObject([{ kind: "beginTransition", to: "stopping", set: { readyAt: NOW } }]);
  });

  it("hide a claimed instance from later rules", () => {
    const decisions = createDecisions(aView([instance]));
    decisions.add([{ kind: "stop", instance, force: false }]);
    expect(decisions.open().instances.running).toEqual([]);
  });

  it("need no record write if its slot is released", () => {
    const decisions = createDecisions(aView([instance]));
    decisions.add([readyAt, { kind: "releaseSlot", instance }]);
    expect(decisions.actions().map(({ kind }) => kind)).toEqual(["releaseSlot"]);
    expect(decisions.instances()).toEqual([]);
  });
});

it("all actions are returned in the order in which they are carried out", () => {
  const decisions = createDecisions(aView([instance]));
  decisions.add([{ kind: "requeueAt", at: NOW }, { kind: "launch", count: 1, reason: "Replenish" }, readyAt]);
  expect(decisions.actions().map(({ kind }) => kind)).toEqual(["updateRecord", "launch", "requeueAt"]);
});
