import { describe, expect, it } from "vitest";
import type { Ec2Instance } from "../../../../shared/model/ec2.ts";
import type { InstanceRecord } from "../../../../shared/model/instance-record.ts";
import { plan } from "../../../../shared/pool/plan.ts";
import { anInstance, aView, NOW } from "../builders.ts";
import { check, notes, told, wakes } from "../decisions.ts";

const notReady = { ready: false, labels: { "stratos.sh/state": "running" } };

const starting = (record: Partial<InstanceRecord>, ec2: Partial<Ec2Instance> = {}) =>
  aView([anInstance("running", { record: { launchTime: NOW - 3_600_000, ...record }, ec2, node: notReady })]);

const outcomes = (view: Parameters<typeof plan>[0]) =>
  plan(view).flatMap((action) => (action.kind === "recordMetric" ? [action.labels] : []));

describe("a started node that is not Ready", () => {
  check([
    { name: "has its time", view: starting({ startedAt: NOW - 119_000 }), does: [] },
    {
      name: "is powered off after it, to be started again",
      view: starting({ startedAt: NOW - 120_000 }),
      does: ["force stop"],
    },
    {
      name: "is started again once it is off",
      view: starting(
        { startedAt: NOW - 150_000, restartedAt: NOW - 30_000, launchTime: NOW - 149_000 },
        { state: "stopped", launchTime: NOW - 149_000 },
      ),
      does: ["start"],
    },
    {
      name: "is standby again if EC2 does not start it in that time",
      view: starting(
        { startedAt: NOW - 250_000, restartedAt: NOW - 120_000, launchTime: NOW - 249_000 },
        { state: "stopped", launchTime: NOW - 249_000 },
      ),
      does: ["applyNode", "completeTransition standby: NotStarted"],
    },
    {
      name: "has its time again",
      view: starting({ startedAt: NOW - 200_000, restartedAt: NOW - 119_000 }),
      does: [],
    },
    {
      name: "is replaced when that did not help",
      view: starting({ startedAt: NOW - 240_000, restartedAt: NOW - 120_000 }),
      does: ["beginTransition terminating: StartTimeout"],
    },
    {
      name: "on spot, which cannot be stopped, is replaced at once",
      view: starting({ startedAt: NOW - 120_000 }, { spot: true }),
      does: ["beginTransition terminating: StartTimeout"],
    },
    {
      name: "that never left pending is replaced, for EC2 would not stop it",
      view: starting({ startedAt: NOW - 120_000 }, { state: "pending" }),
      does: ["beginTransition terminating: StartTimeout"],
    },
    {
      name: "is nothing to look into once it has been Ready",
      view: starting({ startedAt: NOW - 600_000, readyAt: NOW - 500_000, emptySince: NOW }),
      does: [],
    },
  ]);

  it("is remembered as started again, with the launch time that tells this start from the next", () => {
    expect(notes(starting({ startedAt: NOW - 120_000 }, { launchTime: NOW - 119_000 }))).toEqual([
      { restartedAt: NOW, launchTime: NOW - 119_000 },
    ]);
  });

  it("is told and counted by what is done about it", () => {
    const late = starting({ startedAt: NOW - 120_000 });
    const tooLate = starting({ startedAt: NOW - 240_000, restartedAt: NOW - 120_000 });
    expect([told(late), outcomes(late)]).toEqual([["StartTimeout"], [{ outcome: "restarted" }]]);
    expect([told(tooLate), outcomes(tooLate)]).toEqual([["StartTimeout"], [{ outcome: "replaced" }]]);
  });

  it("is looked at when its time is over", () => {
    expect(wakes(starting({ startedAt: NOW - 119_000 }))).toContain(1_000);
  });
});
