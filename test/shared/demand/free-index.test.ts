import fc from "fast-check";
import { expect, it } from "vitest";
import { createFreeIndex } from "../../../shared/demand/packing/free-index.ts";
import type { PackNode } from "../../../shared/demand/packing/pack-node.ts";
import type { PodGroup } from "../../../shared/demand/pod-groups.ts";
import { fits, subtract, type Vector } from "../../../shared/scheduling/resource-vector.ts";

const vector = fc.tuple(fc.nat(20), fc.nat(20)).map((amounts): Vector => Float64Array.from(amounts));

/** Pods of the group request this in every pool. */
const groupOf = (requests: Vector): PodGroup =>
  ({ request: { requests: new Map(), overhead: new Map() }, requests }) as unknown as PodGroup;

const POOL = { requests: ({ requests }: { readonly requests: Vector }) => requests };
const nodeWith = (free: Vector): PackNode => ({ free: free.slice(), pool: POOL }) as unknown as PackNode;

/** What is done with an index, one after another. */
interface Step {
  readonly kind: "place" | "push" | "find";
  readonly amounts: Vector;
  readonly at: number;
}
const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom("place", "push", "find", "find"),
  amounts: vector,
  at: fc.nat(8),
});

/** Others place pods as well, so the index is not told. */
const place = (node: PackNode | undefined, requests: Vector): void => {
  if (node && fits(node.free, requests)) subtract(node.free, requests, 1);
};

it.each([false, true])(
  "finds the same node as a look at each (what is placed may be rolled back: %s)",
  (canRollBack) => {
    fc.assert(
      fc.property(
        fc.array(vector, { minLength: 4, maxLength: 40 }),
        fc.array(step, { maxLength: 60 }),
        (initial, steps) => {
          const nodes = initial.map(nodeWith);
          const before = nodes.map(({ free }) => free.slice());
          const index = createFreeIndex(nodes, canRollBack);
          const check = (requests: Vector, from: number) =>
            expect(index.firstFor(groupOf(requests), from)).toBe(
              nodes.findIndex((node, position) => position >= from && fits(node.free, requests)),
            );
          for (const { kind, amounts, at } of steps) {
            if (kind === "place") place(nodes[at], amounts);
            else if (kind === "find") check(amounts, at);
            else {
              const node = nodeWith(amounts);
              nodes.push(node);
              index.push(node);
            }
          }
          if (!canRollBack) return;
          for (const [position, free] of before.entries()) nodes[position]?.free.set(free);
          for (const { amounts, at } of steps) check(amounts, at);
        },
      ),
      { numRuns: 100, seed: 1 },
    );
  },
);
