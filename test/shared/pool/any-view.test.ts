/** What holds of every plan, whatever a reconcile may come to see. */
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
import { anEc2, anInstance, aPod, aSpec, aView, NOW } from "./builders.ts";

const MINUTE = 60_000;

/** Half of the time absent. */
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const past = fc.constantFrom(0, 5_000, 30_000, 3 * MINUTE, 20 * MINUTE, 30 * 60 * MINUTE).map((ago) => NOW - ago);
const ec2States = ["pending", "running", "stopping", "stopped", "shutting-down", "terminated"] as const;

const anyRecord = fc
  .record({
    stateSince: past,
    startedAt: maybe(past),
    readyAt: maybe(past),
    emptySince: maybe(past),
    missingSince: maybe(past),
    timedOutAt: maybe(past),
    stopRequestedAt: maybe(past),
    warmedAt: maybe(past),
    restartedAt: maybe(past),
    launchTime: maybe(past),
    overflow: maybe(fc.constantFrom("serve", "warmUp")),
    reason: fc.constantFrom("Empty", "MaxRuntime", "Stale", "Surplus", "Demand", "StartedFromOutside"),
    fingerprint: maybe(fc.constantFrom("made-now", "made-before")),
    images: maybe(fc.constantFrom([], ["example.com/model:v1"])),
  })
  .map((fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)));

const anyPods = fc.array(
  fc.constantFrom(
    aPod("p"),
    aPod("going", { deleting: true }),
    aPod("daemon", { owner: "DaemonSet" }),
    aPod("done", { phase: "Succeeded" }),
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
    const base = aSpec();
    const spec = aSpec({
      poolSize,
      minStandby: Math.min(drawn.minStandby, poolSize),
      paused,
      maxNodeRuntimeMs,
      standby: { ...base.standby, nodeObject },
      preWarm: { ...base.preWarm, completionMode, timeoutAction, refresh: { maxUnavailable: drawn.maxUnavailable } },
      scaleDown: { ...base.scaleDown, enabled: drawn.scaleDown },
    });
    const instances = drawn.instances.map((instance, index) => ({
      ...instance,
      record: { ...instance.record, slot: index + 1 },
    }));
    return aView(instances as readonly Instance[], {
      spec,
      hasPendingPods: drawn.hasPendingPods,
      deleting: drawn.deleting,
      orphans: drawn.orphans.map((state, index) => anEc2(state, { instanceId: `i-stray-${index}` })),
      ...(drawn.launchable ? {} : { nodeClass: { kind: "missing" }, fingerprint: undefined }),
    });
  });

const holds = (property: (actions: readonly Action[], view: PoolView) => void) =>
  fc.assert(
    fc.property(anyView, (view) => property(plan(view), view)),
    { numRuns: 1_000 },
  );

const isMove = (action: Action): action is Extract<Action, { kind: "beginTransition" | "completeTransition" }> =>
  action.kind === "beginTransition" || action.kind === "completeTransition";

const total = ({ instances }: PoolView) => Object.values(instances).flat().length;

describe("every plan", () => {
  it("moves an instance once, and only where the state machine lets it", () => {
    holds((actions) => {
      const moves = actions.filter(isMove);
      for (const { instance, to } of moves) expect(mayFollow(instance.record.state, to)).toBe(true);
      const slots = moves.map(({ instance }) => instance.record.slot);
      expect(new Set(slots).size).toBe(slots.length);
    });
  });

  it("writes each record and each node at most once", () => {
    const isRecordWrite = ({ kind }: Action): boolean =>
      kind === "beginTransition" || kind === "completeTransition" || kind === "updateRecord" || kind === "releaseSlot";
    const slotsOf = (actions: readonly Action[]) =>
      actions.flatMap((action) => ("instance" in action ? [action.instance.record.slot] : []));
    holds((actions) => {
      for (const slots of [
        slotsOf(actions.filter(isRecordWrite)),
        slotsOf(actions.filter(({ kind }) => kind === "applyNode" || kind === "deleteNode")),
      ]) {
        expect(new Set(slots).size).toBe(slots.length);
      }
    });
  });

  it("cuts the power of no started node that is Ready", () => {
    holds((actions, { spec }) => {
      for (const action of actions) {
        if (action.kind !== "stop" || !action.force) continue;
        const { record, node } = action.instance;
        if (record.state !== "running" || !node) continue;
        expect(isReadySince(node, startOf(record)), `startTimeout ${spec.scaleUp.startTimeoutMs}`).toBe(false);
      }
    });
  });

  it("stays within poolSize", () => {
    holds((actions, view) => {
      const launched = actions.reduce((sum, action) => sum + (action.kind === "launch" ? action.count : 0), 0);
      if (launched > 0) expect(total(view) + launched).toBeLessThanOrEqual(view.spec.poolSize);
    });
  });

  it("switches nothing off gently that pods still run on", () => {
    holds((actions) => {
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

  it("makes nothing standby that is not off", () => {
    holds((actions) => {
      for (const action of actions) {
        if (isMove(action) && action.to === "standby") expect(action.instance.ec2?.state).toBe("stopped");
      }
    });
  });

  it("of a paused pool begins nothing", () => {
    holds((actions, { spec, deleting }) => {
      if (!spec.paused || deleting) return;
      const begun = actions.flatMap((action): string[] => {
        if (action.kind === "launch" || action.kind === "terminateOrphan") return [action.kind];
        const from = action.kind === "beginTransition" ? action.instance.record.state : undefined;
        return from === "standby" ||
          (action.kind === "beginTransition" && action.to === "stopping" && action.reason !== "StartedFromOutside")
          ? [`${from} → ${action.kind}`]
          : [];
      });
      expect(begun).toEqual([]);
    });
  });

  it("replaces no more outdated standby at a time than it may, and none while pods wait", () => {
    holds((actions, { spec, instances, hasPendingPods }) => {
      const ended = actions.filter(
        (action) => isMove(action) && action.to === "terminating" && action.reason === "Stale",
      ).length;
      if (ended === 0) return;
      const ending = instances.terminating.filter(({ record }) => record.reason === "Stale").length;
      expect(ended + ending).toBeLessThanOrEqual(spec.preWarm.refresh.maxUnavailable);
      expect(hasPendingPods).toBe(false);
    });
  });

  it("of a deleted pool launches nothing and ends everything that it knows", () => {
    holds((actions, { deleting, instances }) => {
      if (!deleting) return;
      expect(actions.filter(({ kind }) => kind === "launch")).toEqual([]);
      const moved = new Set(actions.flatMap((action) => ("instance" in action ? [action.instance.record.slot] : [])));
      for (const { record, ec2 } of [...instances.standby, ...instances.running, ...instances.stopping]) {
        if (ec2) expect(moved).toContain(record.slot);
      }
    });
  });

  it("is the same for the same view", () => {
    holds((actions, view) => {
      expect(plan(view)).toEqual(actions);
    });
  });
});
