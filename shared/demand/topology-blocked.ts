/** Pods that only rules about other pods keep from running, whatever is started and whichever of the pending pods are placed. */
import type { PackNode, PackPool } from "./packing/pack-node.ts";
import type { PackingProblem } from "./packing/problem.ts";
import type { PodGroup } from "./pod-groups.ts";

/** To topology, empty nodes of a bucket differ in nothing but their host names. */
const examplesOf = ({ inFlight, standby, launches }: PackPool): readonly PackNode[] => [
  ...standby.flatMap(({ nodes }) => {
    const empty = nodes.find(({ model }) => model.pods.length === 0);
    return nodes.filter((node) => node === empty || node.model.pods.length > 0);
  }),
  ...launches.flatMap(({ launch }) => launch?.example ?? []),
  ...inFlight,
];

/** `no`: some node can take its pods now. `forNow`: other pods that are placed first may change that. */
type Block = "no" | "forNow" | "for good";

const blockOf = (group: PodGroup, { topology }: PackingProblem, nodes: readonly PackNode[]): Block => {
  let block: Block = "for good";
  for (const node of nodes) {
    if (!node.kind.couldRun(group)) continue;
    const reason = topology.unschedulableReason(group, node);
    if (!reason) return "no";
    if (!reason.permanent) block = "forNow";
  }
  return block;
};

/**
 * The groups whose pods no node can take, and that no pods of other groups can help, since those count for none of their rules or are blocked
 * themselves. More nodes do not help either: a domain that they add has no pods, so it satisfies no affinity, and raises no minimum of a spread. Groups
 * for which `isAssigned` holds are not among them: their pods have nodes.
 */
export const blockedGroups = (
  problem: PackingProblem,
  groups: readonly PodGroup[],
  isAssigned: (group: PodGroup) => boolean,
): ReadonlySet<PodGroup> => {
  const { topology, pools } = problem;
  const blocked = new Map<PodGroup, Block>();
  let nodes: readonly PackNode[] | undefined;
  for (const group of groups) {
    if (!topology.constrains(group) || isAssigned(group)) continue;
    nodes ??= pools.flatMap(examplesOf);
    const block = blockOf(group, problem, nodes);
    if (block !== "no") blocked.set(group, block);
  }
  if (blocked.size === 0) return new Set();
  const given = new Set(groups.filter((group) => !blocked.has(group)).flatMap((group) => topology.helpOf(group).given));
  for (let sizeBefore = 0; blocked.size !== sizeBefore; ) {
    sizeBefore = blocked.size;
    for (const [group, block] of blocked) {
      const help = topology.helpOf(group);
      if (block === "for good" || !help.needed.some((one) => given.has(one))) continue;
      blocked.delete(group);
      for (const one of help.given) given.add(one);
    }
  }
  return new Set(blocked.keys());
};
