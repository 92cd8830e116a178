import { describe, expect, it } from "vitest";
import type { Ec2Instance } from "../../../../shared/model/ec2.ts";
import type { InstanceRecord } from "../../../../shared/model/instance-record.ts";
import { TAINT } from "../../../../shared/model/names.ts";
import { anInstance, aView, HOUR, NOW, SECOND } from "../builders.ts";
import { check, events, metrics, recordChanges, requeues } from "../decisions.ts";

const starting = (record: Partial<InstanceRecord>, ec2: Partial<Ec2Instance> = {}) =>
  aView([anInstance("running", { record: { launchTime: NOW - HOUR, ...record }, ec2, node: { ready: false } })]);

describe("a started node that is not Ready", () => {
  check([
    {
      name: "is left alone while its instance boots",
      view: starting({ startedAt: NOW - 15 * SECOND, stateSince: NOW - 15 * SECOND }, { state: "pending" }),
      expected: [],
    },
    { name: "is left alone within startTimeout", view: starting({ startedAt: NOW - 119 * SECOND }), expected: [] },
    {
      name: "is stopped by force after startTimeout, to be started again",
      view: starting({ startedAt: NOW - 120 * SECOND }),
      expected: ["force stop"],
    },
    {
      name: "is left alone within startTimeout of its restart",
      view: starting({ startedAt: NOW - 200 * SECOND, restartedAt: NOW - 119 * SECOND }),
      expected: [],
    },
    {
      name: "is replaced if the restart did not help",
      view: starting({ startedAt: NOW - 240 * SECOND, restartedAt: NOW - 120 * SECOND }),
      expected: ["beginTransition terminating: StartTimeout"],
    },
    {
      name: "is replaced at once on spot, which cannot be stopped",
      view: starting({ startedAt: NOW - 120 * SECOND }, { spot: true }),
      expected: ["beginTransition terminating: StartTimeout"],
    },
    {
      name: "is replaced if its instance is still pending, because EC2 would not stop it",
      view: starting({ startedAt: NOW - 120 * SECOND }, { state: "pending" }),
      expected: ["beginTransition terminating: StartTimeout"],
    },
    {
      name: "is not restarted if only its network is not ready",
      view: aView([
        anInstance("running", {
          record: { launchTime: NOW - HOUR, startedAt: NOW - 130 * SECOND },
          node: { taints: [TAINT.notReady] },
        }),
      ]),
      expected: [],
    },
    {
      name: "is not restarted if it was Ready before",
      view: starting({ startedAt: NOW - 600 * SECOND, readyAt: NOW - 500 * SECOND, emptySince: NOW }),
      expected: [],
    },
  ]);

  it("is recorded as restarted, with the launch time that tells this start from the next", () => {
    expect(recordChanges(starting({ startedAt: NOW - 120 * SECOND }, { launchTime: NOW - 119 * SECOND }))).toEqual([
      { restartedAt: NOW, launchTime: NOW - 119 * SECOND },
    ]);
  });

  it("is reported, and counted by what is done about it", () => {
    const late = starting({ startedAt: NOW - 120 * SECOND });
    const tooLate = starting({ startedAt: NOW - 240 * SECOND, restartedAt: NOW - 120 * SECOND });
    const labelsOf = (view: typeof late) => metrics(view).map(({ labels }) => labels);
    expect([events(late), labelsOf(late)]).toEqual([["StartTimeout"], [{ outcome: "restarted" }]]);
    expect([events(tooLate), labelsOf(tooLate)]).toEqual([["StartTimeout"], [{ outcome: "replaced" }]]);
  });

  it("is checked when startTimeout is over", () => {
    expect(requeues(starting({ startedAt: NOW - 119 * SECOND }))).toContain(SECOND);
  });
});
