/** Decides what becomes of a node class: its status, its finalizers, what to tell, which pools to wake. Pure. */

import type { AWSNodeClass, AWSNodeClassStatus, Condition } from "../api/types.ts";
import { nodeClassProblem } from "../api/validation.ts";
import { FINALIZER } from "../names.ts";
import { conditionsOf } from "./conditions.ts";
import { launchTemplateOf } from "./launch-template.ts";
import { type Outcome, outcomesOf, type Resolution } from "./resolution.ts";
import { unrenderedTemplate } from "./unrendered-template.ts";

export interface NodeClassView {
  readonly nodeClass: AWSNodeClass;
  /** Names of the NodePools that refer to the class. */
  readonly pools: readonly string[];
  readonly region: string;
  readonly now: number;
  readonly resolution: Resolution;
}

export interface NodeClassPlan {
  readonly status: AWSNodeClassStatus;
  /** Messages of Warning events with reason ResolutionFailed. */
  readonly warnings: readonly string[];
  /** Pools that can launch now what they could not before, or the other way round, or something else. */
  readonly poolsToWake: readonly string[];
}

/**
 * A failed look-up leaves the last good value, and its condition, in place; the condition also keeps the generation it is
 * about, so that nothing is launched from a mixture of an old and a new spec.
 */
export const planNodeClass = (view: NodeClassView): NodeClassPlan => {
  const { nodeClass, pools, resolution } = view;
  const before = nodeClass.status ?? {};
  const status: AWSNodeClassStatus = {
    observedGeneration: nodeClass.metadata.generation,
    nodePoolCount: pools.length,
    resolvedAMI: settle(resolution.ami, before.resolvedAMI),
    resolvedSubnets: copy(settle(resolution.subnets, before.resolvedSubnets)),
    resolvedSecurityGroups: copy(settle(resolution.securityGroups, before.resolvedSecurityGroups)),
    resolvedInstanceProfile: settle(resolution.instanceProfile, before.resolvedInstanceProfile),
    conditions: conditionsOf(view, invalidity(view)),
  };
  const launchable = JSON.stringify(launchTemplateOf({ ...nodeClass, status }));
  return {
    status,
    warnings: outcomesOf(resolution).flatMap((outcome) => (outcome.kind === "resolved" ? [] : [outcome.message])),
    poolsToWake: launchable === JSON.stringify(launchTemplateOf(nodeClass)) ? [] : pools,
  };
};

const settle = <T>(outcome: Outcome<T>, lastGood: T | undefined): T | undefined => {
  switch (outcome.kind) {
    case "resolved":
      return outcome.value;
    case "missing":
      return undefined;
    case "failed":
      return lastGood;
  }
};

const copy = <T>(items: readonly T[] | undefined): T[] | undefined => items && [...items];

const invalidity = ({ nodeClass, region }: NodeClassView): Pick<Condition, "reason" | "message"> | undefined => {
  const problem = nodeClassProblem(nodeClass.spec, region);
  if (problem) return { reason: "ValidationFailed", message: problem };
  const unrendered = unrenderedTemplate(nodeClass.spec);
  return unrendered ? { reason: "UserDataNotRendered", message: unrendered } : undefined;
};

/**
 * The finalizers of a class that is not being deleted; the same list if nothing changes. The profile's stays once it is
 * there, because a class that no longer names a `role` may still have instances with its profile.
 */
export const finalizersOf = ({ metadata, spec }: AWSNodeClass, pools: readonly string[]): readonly string[] => {
  const found = metadata.finalizers ?? [];
  const kept = pools.length > 0 ? found : found.filter((name) => name !== FINALIZER.classInUse);
  const wanted = [
    ...(pools.length > 0 ? [FINALIZER.classInUse] : []),
    ...(spec.role ? [FINALIZER.classInstanceProfile] : []),
  ].filter((name) => !kept.includes(name));
  return wanted.length === 0 && kept.length === found.length ? found : [...kept, ...wanted];
};
