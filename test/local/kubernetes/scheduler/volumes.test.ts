import { describe, expect, it } from "vitest";
import type { NodeObject } from "../../../../local/kubernetes/objects/objects.ts";
import { createClusterState } from "../../../../local/kubernetes/scheduler/cluster-state.ts";
import { findNode } from "../../../../local/kubernetes/scheduler/find-node.ts";
import { readPod } from "../../../../local/kubernetes/scheduler/pod-facts.ts";
import { aPod } from "../stage.ts";

const inZone = (...names: string[]) => [{ matchExpressions: [{ key: "zone", operator: "In", values: names }] }];

/** Where a pod with these volumes runs in a cluster with a node in zone one and another in zone two; or why it does not. */
const find = (...volumeTerms: ReturnType<typeof inZone>[]): string => {
  const state = createClusterState();
  for (const [name, zone] of [
    ["a", "one"],
    ["b", "two"],
  ] as const)
    state.setNode({
      apiVersion: "v1",
      kind: "Node",
      metadata: { name, labels: { zone } },
      spec: {},
      status: { allocatable: { cpu: "4", memory: "8Gi", pods: "10" } },
    } as unknown as NodeObject);
  const result = findNode(readPod(aPod("p"), volumeTerms), {
    state,
    namespaceLabels: () => undefined,
    random: () => 0,
  });
  return result.kind === "node" ? result.name : result.message;
};

describe("volumes that claims are bound to", () => {
  it("take a pod to the zone that all of them are in", () => {
    expect(find(inZone("two"))).toBe("b");
    expect(find(inZone("one", "two"), inZone("two"))).toBe("b");
  });

  it("keep a pod waiting if no node is in their zone", () => {
    expect(find(inZone("one"), inZone("two"))).toBe(
      "0/2 nodes are available: 2 node(s) didn't match PersistentVolume's node affinity. no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.",
    );
  });
});
