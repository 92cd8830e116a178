/** What selected nodes leave unused, to choose among pools that need equally many nodes. */
import type { PackNode } from "./pack-node.ts";

/** The amount for each resource, whether pods request it or not; undefined if the size of a node is unknown. */
export type Unused = ReadonlyMap<string, number> | undefined;

/** `resources`: see PackingProblem. */
export const unusedOn = (nodes: readonly PackNode[], resources: readonly string[]): Unused => {
  const indexes = new Map(resources.map((name, index) => [name, index]));
  const sum = new Map<string, number>();
  for (const { model, free } of nodes) {
    if (!model.size) return undefined;
    for (const [name, amount] of model.size.amounts)
      sum.set(name, (sum.get(name) ?? 0) + (free[indexes.get(name) ?? -1] ?? amount));
  }
  return sum;
};

/**
 * One number for each choice, less if it leaves less unused per placed pod: the sum over all resources, each as a share of the most that any choice
 * leaves. Infinity for nodes of unknown size.
 */
export const unusedScores = (
  choices: readonly { readonly unused: Unused; readonly placed: number }[],
): readonly number[] => {
  const perPod = choices.map(({ unused, placed }) =>
    [...(unused ?? [])].map(([name, left]) => [name, left / placed] as const),
  );
  const most = new Map<string, number>();
  for (const [name, left] of perPod.flat()) most.set(name, Math.max(left, most.get(name) ?? 0));
  return choices.map(({ unused }, index) =>
    unused
      ? (perPod[index] ?? []).reduce((sum, [name, left]) => sum + (left > 0 ? left / (most.get(name) ?? left) : 0), 0)
      : Number.POSITIVE_INFINITY,
  );
};
