import type { Taint } from "../objects/objects.ts";
import { createPerson, type NodeAccess } from "./people.ts";

/**
 * The taints of an autoscaler that chose a node to remove. They can be left behind (kubernetes/autoscaler#5657, #3949,
 * deckhouse/deckhouse#736). Karpenter's: kubernetes-sigs/aws-load-balancer-controller#4023.
 */
const TAINTS = {
  "cluster-autoscaler": [
    { key: "DeletionCandidateOfClusterAutoscaler", value: "1795000000", effect: "PreferNoSchedule" },
    { key: "ToBeDeletedByClusterAutoscaler", value: "1795000000", effect: "NoSchedule" },
  ],
  karpenter: [{ key: "karpenter.sh/disrupted", effect: "NoSchedule" }],
} as const satisfies Readonly<Record<string, readonly Taint[]>>;

/** Whether another autoscaler keeps pods off a node with this taint. */
export const isRemovalTaint = ({ key, effect }: Taint): boolean =>
  effect === "NoSchedule" && Object.values(TAINTS).some((taints) => taints.some((taint) => taint.key === key));

/** Another autoscaler of the same cluster, which takes a node for one of its own. */
export const createOtherAutoscaler = (name: keyof typeof TAINTS, access: NodeAccess) => {
  const person = createPerson(access);
  return {
    chooseForRemoval: (node: string): void => {
      for (const taint of TAINTS[name]) person.taint(node, { ...taint });
    },
    changeItsMind: (node: string): void => {
      for (const { key } of TAINTS[name]) person.untaint(node, key);
    },
    remove: (node: string): void => access.deleteNode(node),
  };
};
