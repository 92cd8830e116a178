import { describe, expect, it } from "vitest";
import type { InstanceHealth } from "../../../../shared/model/ec2.ts";
import { plan } from "../../../../shared/pool/plan.ts";
import type { PoolView } from "../../../../shared/pool/view.ts";
import { anInstance, aPod, aSpec, aView, type InstanceOverrides, MINUTE, NOW } from "../builders.ts";
import { check, events, metrics, recordChanges, requeues } from "../decisions.ts";

const withHealth = (
  health: Omit<InstanceHealth, "instanceId">,
  { record, ec2, node }: InstanceOverrides = {},
  overrides: Partial<PoolView> = {},
) =>
  aView(
    [
      anInstance("running", {
        health: { instanceId: "i-1", ...health },
        record: { startedAt: NOW - 90 * MINUTE, readyAt: NOW - 89 * MINUTE, openedAt: NOW - 89 * MINUTE, ...record },
        ec2,
        node,
        pods: [aPod("p")],
      }),
    ],
    overrides,
  );

const failing = (check: "system" | "instance", minutes: number) => ({
  impaired: { check, since: NOW - minutes * MINUTE },
});
const scheduled = (inMinutes: number) => ({
  event: { id: "instance-event-1", code: "instance-retirement", notBefore: NOW + inMinutes * MINUTE },
});

describe("a running instance", () => {
  const starting = { record: { startedAt: NOW - MINUTE, readyAt: undefined }, node: { ready: false } };
  check([
    {
      name: "whose host fails its status check is left alone for EC2 to recover it",
      view: withHealth(failing("system", 4)),
      expected: [],
    },
    {
      name: "whose host keeps failing is stopped, because its next start is on another host",
      view: withHealth(failing("system", 5)),
      expected: ["beginTransition stopping: HostImpaired"],
    },
    {
      name: "whose operating system keeps failing is replaced",
      view: withHealth(failing("instance", 5)),
      expected: ["beginTransition terminating: GuestImpaired"],
    },
    {
      name: "on spot is replaced, because it cannot be stopped",
      view: withHealth(failing("system", 5), { ec2: { spot: true } }),
      expected: ["beginTransition terminating: HostImpaired"],
    },
    {
      name: "that is still starting is left to startTimeout",
      view: withHealth(failing("system", 5), starting),
      expected: [],
    },
    {
      name: "keeps its pods until an hour before its retirement",
      view: withHealth(scheduled(61)),
      expected: [],
    },
    {
      name: "is drained and stopped an hour before its retirement",
      view: withHealth(scheduled(60)),
      expected: ["beginTransition stopping: ScheduledEvent"],
    },
    {
      name: "is not stopped twice for the same event",
      view: withHealth(scheduled(30), { record: { leftEvent: "instance-event-1" } }),
      expected: [],
    },
    {
      name: "is stopped once if its host fails and is to be retired",
      view: withHealth({ ...failing("system", 5), ...scheduled(30) }),
      expected: ["beginTransition stopping: HostImpaired"],
    },
    {
      name: "is left alone while the pool is paused",
      view: withHealth(failing("system", 5), {}, { spec: aSpec({ paused: true }) }),
      expected: [],
    },
  ]);

  it("has a scheduled event reported once", () => {
    expect(events(withHealth(scheduled(600)))).toEqual(["EventScheduled"]);
    expect(recordChanges(withHealth(scheduled(600)))).toEqual([{ toldEvent: "instance-event-1" }]);
    expect(events(withHealth(scheduled(600), { record: { toldEvent: "instance-event-1" } }))).toEqual([]);
    expect(requeues(withHealth(scheduled(61)))).toContain(MINUTE);
  });

  it("records which event it was stopped for, and counts it", () => {
    const view = withHealth(scheduled(30));
    expect(plan(view)).toContainEqual(
      expect.objectContaining({ kind: "beginTransition", set: { leftEvent: "instance-event-1" } }),
    );
    expect(metrics(view)).toContainEqual(expect.objectContaining({ labels: { kind: "instance-retirement" } }));
  });
});
