/** Properties of every plan, for arbitrary views. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { InstanceState } from "../../../shared/model/ec2.ts";
import { startOf } from "../../../shared/model/instance-record.ts";
import { mayFollow, POOL_STATES } from "../../../shared/model/instance-state.ts";
import { isReadySince } from "../../../shared/model/kubernetes/condition-freshness.ts";
import { isReady } from "../../../shared/model/kubernetes/objects.ts";
import { leavingPods } from "../../../shared/model/kubernetes/pods.ts";
import type { Action } from "../../../shared/pool/actions.ts";
import { plan } from "../../../shared/pool/plan.ts";
import type { Instance, PoolView } from "../../../shared/pool/view.ts";
import { anEc2, anInstance, aPod, aSpec, aView, HOUR, MINUTE, NOW, SECOND } from "./builders.ts";

/** The value or undefined. */
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const past = fc.constantFrom(0, 5 * SECOND, 30 * SECOND, 3 * MINUTE, 20 * MINUTE, 30 * HOUR).map((ago) => NOW - ago);
const ec2States = ["pending", "running", "stopping", "stopped", "shutting-down", "terminated"] as const;

const anyRecord = fc
  .record({
    stateSince: past,
    startedAt: maybe(past),
    readyAt: maybe(past),
    emptySince: maybe(past),
    missingSince: maybe(past),
    nodeMissingSince: maybe(past),
    timedOutAt: maybe(past),
    stopRequestedAt: maybe(past),
    warmedAt: maybe(past),
    restartedAt: maybe(past),
    launchTime: maybe(past),
    overflow: maybe(fc.constantFrom("serve", "warmUp")),
    reason: fc.constantFrom("Empty", "MaxRuntime", "Stale", "Surplus", "Demand", "StartedFromOutside"),
    fingerprint: maybe(fc.constantFrom("current", "outdated")),
    images: maybe(fc.constantFrom([], ["example.com/model:v1"])),
  })
  .map((fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)));

const anyPods = fc.array(
  fc.constantFrom(
    aPod("p"),
    aPod("terminating", { deleting: true }),
    aPod("daemon", { owner: "DaemonSet" }),
    aPod("finished", { phase: "Succeeded" }),
  ),
  { maxLength: 2 },
);

const anyNode = maybe(
  fc.record({
    ready: fc.boolean(),
    cordoned: fc.boolean(),
    labels: fc.constantFrom(...POOL_STATES).map((state) => ({ "stratos.sh/state": state })),
    annotations: fc.constantFrom<Readonly<Record<string, string>>>(
      {},
      { "stratos.sh/warmup-outcome": "Succeeded" },
      { "stratos.sh/warmup-outcome": "Failed: x" },
    ),
  }),
);

const anyInstance = fc
  .record({
    state: fc.constantFrom(...POOL_STATES),
    record: anyRecord,
    ec2: maybe(fc.constantFrom<InstanceState>(...ec2States)),
    node: anyNode,
    pods: anyPods,
    attachedVolumes: fc.nat(1),
  })
  .map(({ state, record, ec2, node, pods, attachedVolumes }) =>
    anInstance(state, {
      record: { launchTime: NOW - 3 * MINUTE, ...record },
      ec2: ec2 ? { state: ec2 } : null,
      node: node ?? null,
      pods: node ? pods : [],
      attachedVolumes,
    }),
  );

const anyView: fc.Arbitrary<PoolView> = fc
  .record({
    instances: fc.array(anyInstance, { maxLength: 8 }),
    poolSize: fc.integer({ min: 1, max: 8 }),
    minStandby: fc.nat(8),
    maxUnavailable: fc.nat(2),
    orphans: fc.array(fc.constantFrom<InstanceState>(...ec2States), { maxLength: 2 }),
    hasPendingPods: fc.constantFrom(undefined, false, true),
    maxNodeRuntimeMs: fc.constantFrom(0, 10 * MINUTE),
    completionMode: fc.constantFrom("SelfStop" as const, "ControllerStop" as const),
    timeoutAction: fc.constantFrom("stop" as const, "terminate" as const),
    nodeObject: fc.constantFrom("Keep" as const, "Delete" as const),
    scaleDown: fc.boolean(),
    paused: fc.boolean(),
    deleting: fc.boolean(),
    launchable: fc.boolean(),
  })
  .map((drawn) => {
    const { poolSize, paused, maxNodeRuntimeMs, completionMode, timeoutAction, nodeObject } = drawn;
    const spec = aSpec({
      poolSize,
      minStandby: Math.min(drawn.minStandby, poolSize),
      paused,
      maxNodeRuntimeMs,
      standby: { nodeObject },
      preWarm: { completionMode, timeoutAction, refresh: { maxUnavailable: drawn.maxUnavailable } },
      scaleDown: { enabled: drawn.scaleDown },
    });
    const instances = drawn.instances.map((instance, index) => ({
      ...instance,
      record: { ...instance.record, slot: index + 1 },
    }));
    return aView(instances as readonly Instance[], {
      spec,
      hasPendingPods: drawn.hasPendingPods,
      deleting: drawn.deleting,
      orphans: drawn.orphans.map((state, index) => anEc2(state, { instanceId: `i-orphan-${index}` })),
      ...(drawn.launchable ? {} : { nodeClass: { kind: "missing" }, fingerprint: undefined }),
    });
  });

const checkEveryPlan = (property: (actions: readonly Action[], view: PoolView) => void) =>
  fc.assert(
    fc.property(anyView, (view) => property(plan(view), view)),
    { numRuns: 1_000 },
  );

const isTransition = (action: Action): action is Extract<Action, { kind: "beginTransition" | "completeTransition" }> =>
  action.kind === "beginTransition" || action.kind === "completeTransition";

const instanceCount = ({ instances }: PoolView) => Object.values(instances).flat().length;

describe("every plan", () => {
  it("has at most one transition per instance, which its state allows", () => {
    checkEveryPlan((actions) => {
      const transitions = actions.filter(isTransition);
      for (const { instance, to } of transitions) expect(mayFollow(instance.record.state, to)).toBe(true);
      const slots = transitions.map(({ instance }) => instance.record.slot);
      expect(new Set(slots).size).toBe(slots.length);
    });
  });

  it("writes each record and each node at most once", () => {
    const isRecordWrite = ({ kind }: Action): boolean =>
      kind === "beginTransition" || kind === "completeTransition" || kind === "updateRecord" || kind === "releaseSlot";
    const slotsOf = (actions: readonly Action[]) =>
      actions.flatMap((action) => ("instance" in action ? [action.instance.record.slot] : []));
    checkEveryPlan((actions) => {
      for (const slots of [
        slotsOf(actions.filter(isRecordWrite)),
        slotsOf(actions.filter(({ kind }) => kind === "applyNode" || kind === "deleteNode")),
      ]) {
        expect(new Set(slots).size).toBe(slots.length);
      }
    });
  });

  it("never stops a started node that is Ready by force", () => {
    checkEveryPlan((actions, { spec }) => {
      for (const action of actions) {
        if (action.kind !== "stop" || !action.force) continue;
        const { record, node } = action.instance;
        if (record.state !== "running" || !node) continue;
        expect(isReadySince(node, startOf(record)), `startTimeout ${spec.scaleUp.startTimeoutMs}`).toBe(false);
      }
    });
  });

  it("stays within poolSize", () => {
    checkEveryPlan((actions, view) => {
      const launched = actions.reduce((sum, action) => sum + (action.kind === "launch" ? action.count : 0), 0);
      if (launched > 0) expect(instanceCount(view) + launched).toBeLessThanOrEqual(view.spec.poolSize);
    });
  });

  it("never stops or terminates a node that pods run on, except by force", () => {
    checkEveryPlan((actions) => {
      for (const action of actions) {
        if (action.kind !== "stop" && action.kind !== "terminate") continue;
        const { record, ec2, node, pods } = action.instance;
        const inService = record.state === "running" || record.state === "stopping" || record.state === "terminating";
        if (!inService || ec2?.state !== "running" || !node || !isReady(node)) continue;
        if (action.kind === "stop" && action.force) continue;
        expect(leavingPods(pods)).toEqual([]);
      }
    });
  });

  it("makes only stopped instances standby", () => {
    checkEveryPlan((actions) => {
      for (const action of actions) {
        if (isTransition(action) && action.to === "standby") expect(action.instance.ec2?.state).toBe("stopped");
      }
    });
  });

  it("begins nothing new in a paused pool", () => {
    checkEveryPlan((actions, { spec, deleting }) => {
      if (!spec.paused || deleting) return;
      const begun = actions.flatMap((action): string[] => {
        if (action.kind === "launch") return [action.kind];
        const from = action.kind === "beginTransition" ? action.instance.record.state : undefined;
        return from === "standby" ||
          (action.kind === "beginTransition" && action.to === "stopping" && action.reason !== "StartedFromOutside")
          ? [`${from} → ${action.kind}`]
          : [];
      });
      expect(begun).toEqual([]);
    });
  });

  it("replaces at most maxUnavailable drifted instances at a time, and none while pods are pending", () => {
    checkEveryPlan((actions, { spec, instances, hasPendingPods }) => {
      const begun = actions.filter(
        (action) => isTransition(action) && action.to === "terminating" && action.reason === "Stale",
      ).length;
      if (begun === 0) return;
      const underWay = instances.terminating.filter(({ record }) => record.reason === "Stale").length;
      expect(begun + underWay).toBeLessThanOrEqual(spec.preWarm.refresh.maxUnavailable);
      expect(hasPendingPods).toBe(false);
    });
  });

  it("launches nothing for a deleted pool, and terminates all of its instances", () => {
    checkEveryPlan((actions, { deleting, instances }) => {
      if (!deleting) return;
      expect(actions.filter(({ kind }) => kind === "launch")).toEqual([]);
      const decided = new Set(actions.flatMap((action) => ("instance" in action ? [action.instance.record.slot] : [])));
      for (const { record, ec2 } of [...instances.standby, ...instances.running, ...instances.stopping]) {
        if (ec2) expect(decided).toContain(record.slot);
      }
    });
  });

  it("is the same for the same view", () => {
    checkEveryPlan((actions, view) => {
      expect(plan(view)).toEqual(actions);
    });
  });
});
