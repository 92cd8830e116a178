import { describe, expect, it } from "vitest";
import type { InstanceRecord } from "../../../shared/model/instance-record.ts";
import { protectedPods } from "../../../shared/pool/protection.ts";
import { anInstance, aPod, aSpec, aView, HOUR, type InstanceOverrides, MINUTE, NOW } from "./builders.ts";
import { check, eventMessages, events, metrics, recordChanges, requeues, summary } from "./decisions.ts";

const PROTECTED = { "stratos.sh/do-not-disrupt": "true" };
const aProtectedPod = (name: string, createdAt = NOW - HOUR) => aPod(name, { annotations: PROTECTED, createdAt });

const draining = (
  pods = [aProtectedPod("job")],
  record: Partial<InstanceRecord> = {},
  overrides: InstanceOverrides = {},
) => anInstance("stopping", { ...overrides, record: { reason: "MaxRuntime", ...record }, pods });

const namesOf = (instance: ReturnType<typeof draining>, spec = aSpec()) =>
  protectedPods(instance, aView([instance], { spec })).map(({ metadata }) => metadata.name);

describe("a pod holds back a drain because of maxNodeRuntime", () => {
  it.each([
    ["stratos.sh/do-not-disrupt", "true", true],
    ["karpenter.sh/do-not-disrupt", "true", true],
    ["cluster-autoscaler.kubernetes.io/safe-to-evict", "false", true],
    ["stratos.sh/do-not-disrupt", "false", false],
    ["cluster-autoscaler.kubernetes.io/safe-to-evict", "true", false],
    ["team", "true", false],
  ])("with %s: %s: %s", (key, value, isHeld) => {
    const pod = aPod("job", { annotations: { [key]: value }, createdAt: NOW - HOUR });
    expect(namesOf(draining([pod]))).toEqual(isHeld ? ["job"] : []);
  });

  it("until protectedPodTimeout is over", () => {
    const spec = aSpec({ disruption: { protectedPodTimeoutMs: HOUR } });
    expect(namesOf(draining(undefined, { stateSince: NOW - HOUR + 1 }), spec)).toEqual(["job"]);
    expect(namesOf(draining([aProtectedPod("job", NOW - 2 * HOUR)], { stateSince: NOW - HOUR }), spec)).toEqual([]);
    expect(namesOf(draining(), aSpec({ disruption: { protectedPodTimeoutMs: 0 } }))).toEqual([]);
  });

  it("unless it has finished, is leaving, belongs to a DaemonSet, or came after the drain began", () => {
    const annotations = PROTECTED;
    const createdAt = NOW - HOUR;
    expect(namesOf(draining([aPod("done", { annotations, createdAt, phase: "Succeeded" })]))).toEqual([]);
    expect(namesOf(draining([aPod("leaving", { annotations, createdAt, deleting: true })]))).toEqual([]);
    expect(namesOf(draining([aPod("agent", { annotations, createdAt, owner: "DaemonSet" })]))).toEqual([]);
    expect(namesOf(draining([aProtectedPod("late", NOW - 1)]))).toEqual([]);
  });
});

describe("protected pods do not hold back", () => {
  const pods = [aProtectedPod("job")];
  const event = { id: "e-1", code: "instance-stop", notBefore: NOW + 30 * MINUTE };
  const impaired = { check: "system", since: NOW - 10 * MINUTE } as const;
  check([
    {
      name: "the drain of a broken host",
      view: aView([draining(pods, { reason: "HostImpaired" })]),
      expected: ["evict job"],
    },
    {
      name: "the drain before a scheduled event",
      view: aView([draining(pods, { reason: "ScheduledEvent" })]),
      expected: ["evict job"],
    },
    {
      name: "a drain that is under way when EC2 announces an event",
      view: aView([draining(pods, {}, { health: { instanceId: "i-1", event } })]),
      expected: ["evict job"],
    },
    {
      name: "a drain that is under way when the host breaks",
      view: aView([draining(pods, {}, { health: { instanceId: "i-1", impaired } })]),
      expected: ["evict job"],
    },
    {
      name: "the deletion of the pool",
      view: aView([anInstance("terminating", { record: { reason: "PoolDeleted" }, pods })], { deleting: true }),
      expected: ["evict job"],
    },
  ]);
});

describe("a node with protected pods", () => {
  const TIMEOUT = 2 * HOUR;
  const spec = aSpec({ disruption: { protectedPodTimeoutMs: TIMEOUT } });
  const view = (...args: Parameters<typeof draining>) => aView([draining(...args)], { spec });
  const waiting = { drain: { protectedSince: NOW - MINUTE } };
  const aWeb = () => aPod("web", { owner: "ReplicaSet" });

  it("is cordoned, has its other pods evicted, and is looked at when the time is over", () => {
    expect(summary(view([aProtectedPod("job"), aWeb()]))).toEqual(["evict web"]);
    expect(summary(view([aProtectedPod("job")], waiting))).toEqual([]);
    expect(requeues(view([aProtectedPod("job")], waiting))).toEqual([TIMEOUT - MINUTE]);
  });

  it("is not drained by force at drainTimeout", () => {
    const late = { ...waiting, stateSince: NOW - HOUR };
    expect(summary(view([aProtectedPod("job", NOW - 2 * HOUR), aWeb()], late))).toEqual(["evict web"]);
  });

  it("is reported once, with some of the pods and the end of the wait", () => {
    const pods = Array.from({ length: 7 }, (_, index) => aProtectedPod(`job-${index}`));
    expect(events(view(pods))).toEqual(["PodsProtected"]);
    expect(eventMessages(view(pods)).join()).toMatch(
      /drained at 2026-03-01T13:59:00.000Z or when these pods have finished: default\/job-0, .*default\/job-4 and 2 others$/,
    );
    expect(recordChanges(view(pods))).toEqual([{ drain: { protectedSince: NOW } }]);
    expect(events(view(pods, waiting))).toEqual([]);
  });

  it("is drained with a drainTimeout of its own after that", () => {
    const over = { ...waiting, stateSince: NOW - TIMEOUT };
    const pods = [aProtectedPod("job", NOW - 5 * HOUR)];
    expect(summary(view(pods, over))).toEqual(["evict job"]);
    expect(recordChanges(view(pods, over))).toEqual([
      { drain: { since: NOW, askedAt: NOW, podCount: 1, refusals: 0 } },
    ]);
    const drained = (ms: number) => view(pods, { stateSince: NOW - 5 * HOUR, drain: { since: NOW - ms } });
    expect(summary(drained(5 * MINUTE - 1))).toEqual(["evict job"]);
    expect(summary(drained(5 * MINUTE))).toEqual(["deletePods job"]);
  });

  it("is stopped when they have finished, and the wait is not measured", () => {
    const done = view([aPod("job", { annotations: PROTECTED, phase: "Succeeded" })], waiting);
    expect(summary(done)).toEqual(["stop"]);
    expect(metrics(done)).toEqual([{ metric: "drainDuration", value: 0 }]);
  });
});
