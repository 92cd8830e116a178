/** Nodes that could take pods of a group, topology rules aside. */
import type { PodGroup } from "../pod-groups.ts";
import type { FreeIndex } from "./free-index.ts";
import { canTake, type PackNode } from "./pack-node.ts";

/** A part of an index, without the positions from `skipFrom` to before `skipTo`. */
export interface CandidateSource {
  readonly index: FreeIndex;
  readonly skipFrom?: number;
  readonly skipTo?: number;
}

/** A list that is found as far as it is looked at: most pods go to one of the first nodes. */
export interface Candidates {
  /** Undefined beyond the end of the list. */
  at(position: number): PackNode | undefined;
  removeAt(position: number): void;
  /** Only once the end has been looked at. */
  push(node: PackNode): void;
}

export const findCandidates = (group: PodGroup, sources: readonly CandidateSource[]): Candidates => {
  const found: PackNode[] = [];
  let source = 0;
  let next = 0;

  /** The next node of the source, or undefined, and then the next source is the current one. */
  const findIn = ({ index, skipFrom = 0, skipTo = 0 }: CandidateSource): PackNode | undefined => {
    for (let at = index.firstFor(group, next); at >= 0; at = index.firstFor(group, at + 1)) {
      const node = index.nodes[at];
      if (!node || (at >= skipFrom && at < skipTo) || !canTake(node, group)) continue;
      next = at + 1;
      return node;
    }
    source += 1;
    next = 0;
    return undefined;
  };

  const findNext = (): PackNode | undefined => {
    for (let current = sources[source]; current; current = sources[source]) {
      const node = findIn(current);
      if (node) return node;
    }
    return undefined;
  };

  return {
    at: (position) => {
      if (position < found.length) return found[position];
      const node = findNext();
      if (node) found.push(node);
      return node;
    },
    removeAt: (position) => void found.splice(position, 1),
    push: (node) => void found.push(node),
  };
};

/** Only this node. */
export const candidatesOf = (node: PackNode): Candidates => {
  const list = [node];
  return {
    at: (position) => list[position],
    removeAt: (position) => void list.splice(position, 1),
    push: (other) => void list.push(other),
  };
};
