import { describe, expect, it } from "vitest";
import { anInstance, aPod, aView, NOW } from "../builders.ts";
import { check, told, wakes } from "../decisions.ts";

const MINUTE = 60_000;
const RUNNING = { "stratos.sh/state": "running" };

const up = () =>
  anInstance("running", { record: { startedAt: NOW - 90 * MINUTE, readyAt: NOW - 89 * MINUTE }, pods: [aPod("p")] });

const down = (minutes: number) =>
  anInstance("running", {
    record: { startedAt: NOW - 90 * MINUTE, readyAt: NOW - 89 * MINUTE },
    node: { ready: false, readySince: NOW - minutes * MINUTE, labels: RUNNING },
    pods: [aPod("p", { deleting: true })],
  });

describe("a running node that is no longer Ready", () => {
  check([
    { name: "has half an hour to come back", view: aView([down(29)]), does: [] },
    { name: "is replaced after that", view: aView([down(30)]), does: ["beginTransition terminating: NodeUnready"] },
    {
      name: "is replaced beside others that are Ready",
      view: aView([down(30), down(30), ...Array.from({ length: 8 }, up)]),
      does: ["beginTransition terminating: NodeUnready", "beginTransition terminating: NodeUnready"],
    },
    {
      name: "is left alone where too many others are like it, for then something else is broken",
      view: aView([down(30), down(30), down(30), ...Array.from({ length: 7 }, up)]),
      does: [],
    },
  ]);

  it("is told, and looked at when its time is over", () => {
    expect(told(aView([down(30)]))).toEqual(["NodeUnready"]);
    expect(wakes(aView([down(29)]))).toContain(MINUTE);
  });
});
