/**
 * Makes everything that a plan is worked out from. Pods that no node can run are set aside before: their labels, rules and requests would otherwise
 * decide which other pods and which nodes count as equivalent, and so change how others are packed.
 */
import type { KubePod } from "../model/kubernetes/objects.ts";
import { podName } from "../model/kubernetes/pods.ts";
import { exclusiveClaims } from "./exclusive-claims.ts";
import { canRun, explainGroup, type UnplacedPods } from "./explain.ts";
import { findInVain, isBackingOff, latestInVain, type StartsInVain } from "./in-vain.ts";
import { createProblem, type PackingProblem } from "./packing/problem.ts";
import { listBoundPods } from "./packing/snapshot.ts";
import { awaitsNominatedNode, isDemand } from "./pending-pod.ts";
import type { DemandPlan } from "./plan.ts";
import { groupPods, type PodGroup } from "./pod-groups.ts";
import { blockedGroups } from "./topology-blocked.ts";
import type { ClusterContext, DemandView } from "./view.ts";

interface GroupedPods {
  readonly problem: PackingProblem;
  readonly groups: readonly PodGroup[];
}

export interface Prepared extends GroupedPods {
  /** Pods that no node can run now. */
  readonly setAside: readonly UnplacedPods[];
}

/** Empty if no pod has a nominated node, which is when nobody asks. */
const openNodesOf = ({ pods, pools, context }: DemandView): ReadonlySet<string> => {
  if (!pods.some(({ status }) => status?.nominatedNodeName)) return new Set();
  const nodes = [...pools.flatMap((pool) => [...pool.nodes.values()]), ...context.nodes];
  return new Set(nodes.flatMap(({ metadata, spec }) => (spec?.unschedulable ? [] : [metadata.name])));
};

/** Pods that are demand. */
const demandOf = (view: DemandView, boundPods: readonly KubePod[]): readonly KubePod[] => {
  // Pods without a node are read before bound pods, so a pod that binds in between is in both lists. Counted twice, it would start one
  // node too many.
  const boundNames = new Set(boundPods.map(podName));
  const openNodes = openNodesOf(view);
  return view.pods.filter(
    (pod) => isDemand(pod) && !boundNames.has(podName(pod)) && !awaitsNominatedNode(pod, openNodes, view.now),
  );
};

/** Whether pending pods may contend for a claim. */
const mayBeRivals = ({ claims = [], devices }: ClusterContext): boolean =>
  exclusiveClaims(claims).size > 0 || (devices?.claims ?? []).length > 0;

/** The pods that a node was started for: they keep their places there even while they back off. */
const assignedPods = ({ pools }: DemandView): ReadonlySet<string> =>
  new Set(pools.flatMap(({ started }) => started.flatMap(({ record }) => record.pods ?? [])));

/** `all`: with the pods that are set aside. */
const setAsideUnrunnable = (view: DemandView, startsInVain: StartsInVain): Prepared & { readonly all: GroupedPods } => {
  const boundPods = listBoundPods(view).map(({ pod }) => pod);
  const assigned = assignedPods(view);
  const group = (pods: readonly KubePod[], rivals: readonly KubePod[]): GroupedPods => {
    const backsOff = (pod: KubePod) => isBackingOff(pod, startsInVain, view.now);
    const groups = groupPods(pods, boundPods, rivals, view.context, backsOff);
    return { problem: createProblem(view, groups), groups };
  };
  const isAssigned = (one: PodGroup): boolean => one.pods.some((pod) => assigned.has(podName(pod)));
  const stays = ({ problem }: GroupedPods, one: PodGroup): boolean =>
    problem.pools.some((pool) => canRun(pool, one)) && (!one.isBackingOff || isAssigned(one));
  const findLeaving = (current: GroupedPods): readonly PodGroup[] => {
    const leaving = current.groups.filter((one) => !stays(current, one));
    if (leaving.length > 0) return leaving;
    const blocked = blockedGroups(current.problem, current.groups, isAssigned);
    return current.groups.filter((one) => blocked.has(one));
  };

  // A pod that nobody can run keeps no claim from others, so who gets a claim is decided among the rest.
  let pods = demandOf(view, boundPods);
  const all = group(pods, []);
  const setAside: UnplacedPods[] = [];
  let current = all;
  for (let isContested = mayBeRivals(view.context); ; isContested = false) {
    const { problem } = current;
    const leaving = findLeaving(current);
    if (leaving.length === 0 && !isContested) return { ...current, setAside, all };
    const explained = leaving.filter(({ isBackingOff: backsOff }) => !backsOff);
    setAside.push(...explained.map((one) => explainGroup(problem.pools, one, one.pods.length, problem)));
    const left = new Set(leaving.flatMap((one) => one.pods));
    pods = pods.filter((pod) => !left.has(pod));
    current = group(pods, pods);
  }
};

/** Pods that nodes turn out to have been started for in vain back off in this very plan. */
export const prepare = (view: DemandView): Prepared & Pick<DemandPlan, "backoffs"> => {
  const known = view.pools.flatMap(({ startsInVain }) => startsInVain);
  const startsInVain = latestInVain(known, view.now);
  const { all, ...prepared } = setAsideUnrunnable(view, startsInVain);
  const backoffs = findInVain(all.problem, all.groups, startsInVain, view.now);
  if (backoffs.length === 0) return { ...prepared, backoffs };
  const latest = latestInVain([...known, ...backoffs.map(({ start }) => start)], view.now);
  return { ...setAsideUnrunnable(view, latest), backoffs };
};
