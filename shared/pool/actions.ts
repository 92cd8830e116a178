/** What the planner may decide. */

import type { Ec2Instance } from "../model/ec2.ts";
import { type RecordChange, STANDBY_RESET, type TransitionReason } from "../model/instance-record.ts";
import type { NextState, PoolState } from "../model/instance-state.ts";
import type { BoundPod, KubeNode } from "../model/kubernetes/objects.ts";
import { leavingPods } from "../model/kubernetes/pods.ts";
import type { RequestedLaunch } from "../model/launch-request.ts";
import type { WarmupFailures } from "../model/warmup-failures.ts";
import type { DesiredNode } from "./desired-node.ts";
import type { Instance } from "./view.ts";

export type Action =
  /** What has to be known of failing warmups after a crash too; undefined forgets them. */
  | { readonly kind: "recordWarmupFailures"; readonly failures: WarmupFailures | undefined }
  /** Keeps demand and launches away from an offering, `offeringKey`, until a time in ms. */
  | { readonly kind: "markUnavailable"; readonly offering: string; readonly until: number }
  /** Intents, recorded before anything acts on them. A lost race drops the instance's other actions. */
  | {
      readonly kind: "beginTransition";
      readonly instance: Instance;
      readonly to: PoolState;
      readonly reason: TransitionReason;
      readonly set?: RecordChange;
    }
  | { readonly kind: "updateRecord"; readonly instance: Instance; readonly set: RecordChange }
  /** `since`: when it entered the state, in ms; undefined: now. */
  | {
      readonly kind: "adopt";
      readonly orphan: Ec2Instance;
      readonly state: PoolState;
      readonly since: number | undefined;
      readonly set: RecordChange;
    }
  /** Calls to EC2, one for all instances of a kind. */
  /** `zone`: only there. */
  | { readonly kind: "launch"; readonly count: number; readonly reason: TransitionReason; readonly zone?: string }
  | { readonly kind: "fulfilLaunchRequest"; readonly request: string; readonly launches: readonly RequestedLaunch[] }
  /** Assigns the instances that the token has launched. `ifMissing`: what becomes of slots for which EC2 shows no instance. */
  | { readonly kind: "repeatLaunch"; readonly token: string; readonly ifMissing: "launch" | "wait" | "release" }
  | { readonly kind: "start"; readonly instance: Instance }
  | { readonly kind: "stop"; readonly instance: Instance; readonly force: boolean }
  | { readonly kind: "terminate"; readonly instance: Instance }
  | { readonly kind: "tagState"; readonly instance: Instance; readonly state: PoolState }
  /** Calls to the cluster. */
  | { readonly kind: "applyNode"; readonly instance: Instance; readonly node: KubeNode; readonly desired: DesiredNode }
  | { readonly kind: "evict"; readonly instance: Instance; readonly pods: readonly BoundPod[] }
  /** `force`: the instance is off, so the pods do not run and no kubelet would report that. */
  | {
      readonly kind: "deletePods";
      readonly instance: Instance;
      readonly pods: readonly BoundPod[];
      readonly force: boolean;
    }
  | { readonly kind: "deleteNode"; readonly instance: Instance; readonly node: KubeNode }
  /** Recorded once everything above has succeeded for the instance. */
  | {
      readonly kind: "completeTransition";
      readonly instance: Instance;
      readonly to: PoolState;
      readonly reason: TransitionReason;
      readonly set?: RecordChange;
    }
  | { readonly kind: "releaseSlot"; readonly instance: Instance }
  | { readonly kind: "forgetSpotNotice"; readonly instanceId: string }
  | { readonly kind: "dropFinalizer" }
  /** Not emitted if the instance that it is about was dropped on the way. */
  | {
      readonly kind: "emitEvent";
      readonly type: "Normal" | "Warning";
      readonly reason: string;
      readonly message: string;
      readonly about?: Instance;
    }
  | {
      readonly kind: "recordMetric";
      readonly about?: Instance;
      readonly metric: PoolMetric;
      readonly value: number;
      readonly labels?: Readonly<Record<string, string>>;
    }
  /** `about`: no longer asked for if a call about the instance fails, which has a pause of its own. */
  | { readonly kind: "requeueAt"; readonly at: number; readonly about?: Instance };

/** The order in which actions are carried out: intents are recorded first, then EC2 acts, then the cluster, outcomes are recorded last. */
export const ACTION_ORDER: readonly Action["kind"][] = [
  "recordWarmupFailures",
  "markUnavailable",
  "beginTransition",
  "updateRecord",
  "adopt",
  "fulfilLaunchRequest",
  "launch",
  "repeatLaunch",
  "start",
  "stop",
  "terminate",
  "tagState",
  "applyNode",
  "evict",
  "deletePods",
  "deleteNode",
  "completeTransition",
  "releaseSlot",
  "forgetSpotNotice",
  "dropFinalizer",
  "recordMetric",
  "emitEvent",
  "requeueAt",
];

/** Metrics that a rule may report; durations in milliseconds. */
export type PoolMetric =
  | "scaleUpDuration"
  | "startTimeouts"
  | "standbyShare"
  | "impairedInstances"
  | "warmupDuration"
  | "drainDuration"
  | "warmupFailures"
  | "startupTaintRemovals"
  | "startupTaintDuration"
  | "scaleUps"
  | "scaleDowns"
  | "capacityShortages"
  | "spotInterruptions"
  | "spotInterruptionLead";

/** Begins a transition: it is recorded before anything acts on it. */
export const beginTransition = <S extends PoolState>(
  instance: Instance<S>,
  to: NextState<S>,
  reason: TransitionReason,
  set?: RecordChange,
): Action => ({ kind: "beginTransition", instance, to, reason, ...(set && { set }) });

/** Completes a transition: it is recorded once the node looks as the new state asks for. */
export const completeTransition = <S extends PoolState>(
  instance: Instance<S>,
  to: NextState<S>,
  reason: TransitionReason,
  set?: RecordChange,
): Action => ({ kind: "completeTransition", instance, to, reason, ...(set && { set }) });

/** What tells the next start of an instance from its latest one. */
export const latestBoot = ({ ec2, node }: Pick<Instance, "ec2" | "node">): RecordChange => ({
  launchTime: ec2?.launchTime,
  bootId: node?.status?.nodeInfo?.bootID ?? null,
});

/** A running instance that is off is standby again: everything that the record says of its time in use is reset. */
export const returnToStandby = (
  instance: Instance<"running">,
  reason: TransitionReason,
  set?: RecordChange,
): Action[] => {
  const stranded = leavingPods(instance.pods);
  return [
    // They no longer run, and no kubelet will report it: their controllers wait for that.
    ...(stranded.length > 0 ? [{ kind: "deletePods", instance, pods: stranded, force: true } as const] : []),
    completeTransition(instance, "standby", reason, {
      ...STANDBY_RESET,
      ...latestBoot(instance),
      ...set,
    }),
  ];
};

export const emitEvent = (type: "Normal" | "Warning", reason: string, message: string, about?: Instance): Action => ({
  kind: "emitEvent",
  type,
  reason,
  message,
  ...(about && { about }),
});
