import { describe, expect, it } from "vitest";
import type { Ec2Instance, InstanceHealth } from "../../../../shared/model/ec2.ts";
import type { InstanceRecord } from "../../../../shared/model/instance-record.ts";
import { plan } from "../../../../shared/pool/plan.ts";
import { anInstance, aPod, aView, NOW } from "../builders.ts";
import { check, notes, told, wakes } from "../decisions.ts";

const MINUTE = 60_000;

const troubled = (
  health: Omit<InstanceHealth, "instanceId">,
  record: Partial<InstanceRecord> = {},
  ec2: Partial<Ec2Instance> = {},
  ready = true,
) =>
  aView([
    anInstance("running", {
      health: { instanceId: "i-1", ...health },
      record: { startedAt: NOW - 90 * MINUTE, readyAt: NOW - 89 * MINUTE, ...record },
      ec2,
      node: { ready, labels: { "stratos.sh/state": "running" } },
      pods: [aPod("p")],
    }),
  ]);

const failing = (check: "system" | "instance", minutes: number) => ({
  impaired: { check, since: NOW - minutes * MINUTE },
});
const planned = (inMinutes: number) => ({
  event: { id: "instance-event-1", code: "instance-retirement", notBefore: NOW + inMinutes * MINUTE },
});

describe("a running instance", () => {
  check([
    { name: "whose host fails is given time to be recovered", view: troubled(failing("system", 4)), does: [] },
    {
      name: "whose host goes on failing is stopped, for its next start is on another",
      view: troubled(failing("system", 5)),
      does: ["beginTransition stopping: HostImpaired"],
    },
    {
      name: "whose guest goes on failing is replaced",
      view: troubled(failing("instance", 5)),
      does: ["beginTransition terminating: GuestImpaired"],
    },
    {
      name: "on spot is replaced, for it cannot be stopped",
      view: troubled(failing("system", 5), {}, { spot: true }),
      does: ["beginTransition terminating: HostImpaired"],
    },
    {
      name: "that is still starting is looked into by its start's own timeout",
      view: troubled(failing("system", 5), { startedAt: NOW - MINUTE, readyAt: undefined }, {}, false),
      does: [],
    },
    { name: "keeps its pods until an hour before it is retired", view: troubled(planned(61)), does: [] },
    {
      name: "is drained and stopped an hour before it is retired",
      view: troubled(planned(60)),
      does: ["beginTransition stopping: ScheduledEvent"],
    },
    {
      name: "is not moved twice for the same event",
      view: troubled(planned(30), { leftEvent: "instance-event-1" }),
      does: [],
    },
  ]);

  it("is told of what is planned for it once", () => {
    expect(told(troubled(planned(600)))).toEqual(["EventScheduled"]);
    expect(notes(troubled(planned(600)))).toEqual([{ toldEvent: "instance-event-1" }]);
    expect(told(troubled(planned(600), { toldEvent: "instance-event-1" }))).toEqual([]);
    expect(wakes(troubled(planned(61)))).toContain(MINUTE);
  });

  it("remembers for which event it was moved, and counts it", () => {
    const actions = plan(troubled(planned(30)));
    expect(actions).toContainEqual(
      expect.objectContaining({ kind: "beginTransition", set: { leftEvent: "instance-event-1" } }),
    );
    expect(actions).toContainEqual(expect.objectContaining({ labels: { kind: "instance-retirement" } }));
  });
});
