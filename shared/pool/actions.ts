/** What the planner may decide. `execute` carries actions out in the order in which their kinds are listed here. */

import type { Ec2Instance } from "../model/ec2.ts";
import type { RecordChange } from "../model/instance-record.ts";
import type { NextState, PoolState } from "../model/instance-state.ts";
import type { KubeNode, KubePod } from "../model/kubernetes/objects.ts";
import type { RequestedLaunch } from "../model/launch-request.ts";
import type { WarmupFailures } from "../model/warmup-failures.ts";
import type { DesiredNode } from "./desired-node.ts";
import type { Instance } from "./view.ts";

export type Action =
  /** What the pool has to know of its failing warmups after a crash as well; undefined forgets them. */
  | { readonly kind: "recordWarmupFailures"; readonly failures: WarmupFailures | undefined }
  /** Intents, recorded before anything acts on them. A lost race drops the instance's other actions. */
  | {
      readonly kind: "beginTransition";
      readonly instance: Instance;
      readonly to: PoolState;
      readonly reason: string;
      readonly set?: RecordChange;
    }
  | { readonly kind: "updateRecord"; readonly instance: Instance; readonly set: RecordChange }
  /** `since`: when it entered the state, in ms; now, if nothing tells. */
  | {
      readonly kind: "adopt";
      readonly orphan: Ec2Instance;
      readonly state: PoolState;
      readonly since: number | undefined;
      readonly set: RecordChange;
    }
  /** EC2, one call for all instances of a kind. */
  | { readonly kind: "launch"; readonly count: number; readonly reason: string }
  | { readonly kind: "fulfilLaunchRequest"; readonly request: string; readonly launches: readonly RequestedLaunch[] }
  | { readonly kind: "repeatLaunch"; readonly token: string }
  | { readonly kind: "start"; readonly instance: Instance }
  | { readonly kind: "stop"; readonly instance: Instance; readonly force: boolean }
  | { readonly kind: "terminate"; readonly instance: Instance }
  | { readonly kind: "terminateOrphan"; readonly orphan: Ec2Instance }
  | { readonly kind: "tagState"; readonly instance: Instance; readonly state: PoolState }
  /** The cluster. */
  | { readonly kind: "applyNode"; readonly instance: Instance; readonly node: KubeNode; readonly shape: DesiredNode }
  | { readonly kind: "evict"; readonly instance: Instance; readonly pods: readonly KubePod[] }
  /** `force`: the instance has no power, so nothing of them runs and nobody else will say so. */
  | {
      readonly kind: "deletePods";
      readonly instance: Instance;
      readonly pods: readonly KubePod[];
      readonly force: boolean;
    }
  | { readonly kind: "deleteNode"; readonly instance: Instance; readonly node: KubeNode }
  /** Records that state what has been reached, once everything above succeeded for the instance. */
  | {
      readonly kind: "completeTransition";
      readonly instance: Instance;
      readonly to: PoolState;
      readonly reason: string;
      readonly set?: RecordChange;
    }
  | { readonly kind: "releaseSlot"; readonly instance: Instance }
  | { readonly kind: "dropFinalizer" }
  /** Said and remembered; not if the instance it is about was dropped on the way. */
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
  | { readonly kind: "requeueAt"; readonly at: number };

/** Metrics a rule may report; durations in milliseconds. */
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
  | "capacityShortages";

/** Moves an instance on, recorded before anything acts on it. */
export const beginTransition = <S extends PoolState>(
  instance: Instance<S>,
  to: NextState<S>,
  reason: string,
  set?: RecordChange,
): Action => ({ kind: "beginTransition", instance, to, reason, ...(set && { set }) });

/** States what an instance has become, recorded once its node has taken the shape of it. */
export const completeTransition = <S extends PoolState>(
  instance: Instance<S>,
  to: NextState<S>,
  reason: string,
  set?: RecordChange,
): Action => ({ kind: "completeTransition", instance, to, reason, ...(set && { set }) });

export const emitEvent = (type: "Normal" | "Warning", reason: string, message: string, about?: Instance): Action => ({
  kind: "emitEvent",
  type,
  reason,
  message,
  ...(about && { about }),
});
