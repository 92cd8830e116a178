import { describe, expect, it } from "vitest";
import type { InstanceRecord } from "../../../../shared/model/instance-record.ts";
import type { KubePod } from "../../../../shared/model/kubernetes/objects.ts";
import type { SpotNotice } from "../../../../shared/model/spot-notice.ts";
import { plan } from "../../../../shared/pool/plan.ts";
import type { Instance, PoolView } from "../../../../shared/pool/view.ts";
import { anInstance, aPod, aSpec, aView, type InstanceOverrides, MINUTE, NOW, SECOND } from "../builders.ts";
import { check, eventMessages, metrics, requeues } from "../decisions.ts";

const SPOT = { spot: true };

const notice = (kind: SpotNotice["kind"], secondsAgo: number): SpotNotice => ({
  instanceId: "i-spot",
  pool: "workers",
  kind,
  at: NOW - secondsAgo * SECOND,
});

const withNotice = (state: "warmup" | "running" | "stopping", overrides: InstanceOverrides = {}): Instance =>
  anInstance(state, {
    notice: notice("interruption", 1),
    ec2: SPOT,
    ...overrides,
    record: { instanceId: "i-spot", ...overrides.record },
  });

describe("a spot instance that EC2 interrupts", () => {
  check([
    {
      name: "is drained, to be terminated",
      view: aView([withNotice("running", { pods: [aPod("p")] })]),
      expected: ["beginTransition terminating: Interrupted"],
    },
    {
      name: "is drained, although the pool is paused",
      view: aView([withNotice("running")], { spec: aSpec({ paused: true }) }),
      expected: ["beginTransition terminating: Interrupted"],
    },
    {
      name: "is drained while it is starting",
      view: aView([withNotice("running", { record: { startedAt: NOW - SECOND }, node: { ready: false } })]),
      expected: ["beginTransition terminating: Interrupted"],
    },
    {
      name: "is given up while it warms up",
      view: aView([withNotice("warmup")]),
      expected: ["beginTransition terminating: Interrupted"],
    },
    {
      name: "is terminated, not stopped, when it was being drained already",
      view: aView([withNotice("stopping", { record: { reason: "Empty" } })]),
      expected: ["beginTransition terminating: Interrupted"],
    },
    {
      name: "is drained when EC2 only recommends it",
      view: aView([withNotice("running", { notice: notice("rebalance", 1) })]),
      expected: ["beginTransition terminating: Rebalanced"],
    },
    {
      name: "that EC2 does not show as a spot instance stays, and the notice is forgotten",
      view: aView([withNotice("running", { ec2: { spot: false }, pods: [aPod("p")] })]),
      expected: ["forgetSpotNotice"],
    },
    {
      name: "that EC2 does not show at all keeps its notice",
      view: aView([withNotice("running", { ec2: null, pods: [aPod("p")] })]),
      expected: [],
    },
    {
      name: "that is gone leaves a notice that is forgotten",
      view: aView([], { spotNotices: [notice("interruption", 200)] }),
      expected: ["forgetSpotNotice"],
    },
  ]);

  it("is counted and reported with the time of its end", () => {
    const view = aView([withNotice("running")]);
    expect(metrics(view)).toEqual([{ metric: "spotInterruptions", value: 1, labels: { notice: "interruption" } }]);
    expect(eventMessages(view)).toEqual([
      expect.stringMatching(/^EC2 will interrupt i-spot \(node-\d+\) at 2026-03-01T12:01:59Z; draining it$/),
    ]);
  });
});

const aPodWithGrace = (seconds: number): KubePod => {
  const pod = aPod("p");
  return { ...pod, spec: { ...pod.spec, terminationGracePeriodSeconds: seconds } };
};

/** Being drained because of a notice; `replacement`: of a node that was started for its pod. */
const leaving = (
  { kind, at }: SpotNotice,
  {
    pod = aPod("p"),
    drain,
    replacement,
  }: { pod?: KubePod; drain?: InstanceRecord["drain"]; replacement?: Partial<InstanceRecord> & { ready?: false } } = {},
): PoolView =>
  aView([
    anInstance("terminating", {
      notice: { ...notice(kind, 0), at },
      ec2: SPOT,
      record: { instanceId: "i-spot", reason: "Interrupted", stateSince: at, ...(drain && { drain }) },
      pods: [pod],
    }),
    ...(replacement
      ? [
          anInstance("running", {
            record: { startedAt: at, demandSince: at, pods: ["default/p"], ...OPEN, ...replacement },
            node: { readySince: NOW - SECOND, ready: !("ready" in replacement) },
            pods: [aPod("q")],
          }),
        ]
      : []),
  ]);

const OPEN = { readyAt: NOW - SECOND, openedAt: NOW - SECOND };

describe("the pods of an interrupted node", () => {
  check([
    { name: "stay while no other node is ready for them", view: leaving(notice("interruption", 39)), expected: [] },
    {
      name: "stay while the node that was started for them is not open",
      view: leaving(notice("interruption", 20), {
        replacement: { ready: false, readyAt: undefined, openedAt: undefined },
      }),
      expected: [],
    },
    {
      name: "leave as soon as it is open",
      view: leaving(notice("interruption", 20), { replacement: {} }),
      expected: ["evict p"],
    },
    {
      name: "do not leave for a node that was open before the notice",
      view: leaving(notice("interruption", 20), { replacement: { openedAt: NOW - MINUTE } }),
      expected: [],
    },
    { name: "leave after 40 s in any case", view: leaving(notice("interruption", 40)), expected: ["evict p"] },
    {
      name: "leave earlier if they need long to end",
      view: leaving(notice("interruption", 10), { pod: aPodWithGrace(90) }),
      expected: ["evict p"],
    },
    {
      name: "are still left to their disruption budget when there is just time for their grace period",
      view: leaving(notice("interruption", 79)),
      expected: ["evict p"],
    },
    {
      name: "are deleted then",
      view: leaving(notice("interruption", 80)),
      expected: ["deletePods p"],
    },
    {
      name: "are left to their disruption budget for 50 s although their grace period is longer than all the time there is",
      view: leaving(notice("interruption", 49), { pod: aPodWithGrace(3600) }),
      expected: ["evict p"],
    },
    {
      name: "stay after a recommendation for as long as a start may take",
      view: leaving(notice("rebalance", 119)),
      expected: [],
    },
    {
      name: "have drainTimeout after a recommendation",
      view: leaving(notice("rebalance", 290)),
      expected: ["evict p"],
    },
  ]);

  it("are looked at every 2 s while they stay", () => {
    expect(requeues(leaving(notice("interruption", 20)))).toEqual([2 * SECOND]);
    expect(requeues(leaving(notice("interruption", 39)))).toEqual([SECOND]);
  });

  it("leave with the lead of the next node measured, once", () => {
    const lead = { metric: "spotInterruptionLead", value: 101 * SECOND };
    expect(metrics(leaving(notice("interruption", 20), { replacement: {} }))).toEqual([lead]);
    const drain = { askedAt: NOW - SECOND, podCount: 1 };
    expect(metrics(leaving(notice("interruption", 21), { replacement: {}, drain }))).toEqual([]);
    expect(metrics(leaving(notice("rebalance", 20), { replacement: {} }))).toEqual([]);
  });

  it("are named with the time they had when they are deleted", () => {
    expect(eventMessages(leaving(notice("interruption", 80)))).toEqual([
      expect.stringMatching(/was not drained within 80 s; deleting default\/p$/),
    ]);
  });
});

describe("a spot instance that EC2 has interrupted", () => {
  const STOPPED = {
    state: "terminated",
    spot: true,
    stateReason: "Server.SpotInstanceTermination: Spot instance termination",
  } as const;
  const gone = (state: "running" | "terminating", overrides: InstanceOverrides = {}) =>
    aView([anInstance(state, { ec2: STOPPED, ...overrides, record: { instanceId: "i-spot" } })]);
  check([
    {
      name: "without a notice loses its node object and its slot",
      view: gone("running", { pods: [aPod("p")] }),
      expected: ["deleteNode", "releaseSlot"],
    },
  ]);

  it("without a notice is counted, and reported with its pods", () => {
    const view = gone("running", { pods: [aPod("p")] });
    expect(metrics(view)).toEqual([{ metric: "spotInterruptions", value: 1, labels: { notice: "none" } }]);
    expect(eventMessages(view)).toEqual(["EC2 has interrupted i-spot; default/p ended with it"]);
  });

  it("before its pods had left is reported with them", () => {
    const view = gone("terminating", { notice: notice("interruption", 120), pods: [aPod("p")] });
    expect([metrics(view), eventMessages(view)]).toEqual([[], ["EC2 has interrupted i-spot; default/p ended with it"]]);
  });

  it("after its pods had left is not reported again", () => {
    const view = gone("terminating", { notice: notice("interruption", 120) });
    expect(plan(view).flatMap(({ kind }) => (kind === "emitEvent" ? [kind] : []))).toEqual([]);
  });
});
