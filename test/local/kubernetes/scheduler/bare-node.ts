import type { Taint } from "../../../../local/kubernetes/objects/objects.ts";
import type { Stage } from "../stage.ts";

export interface NodeOverrides {
  readonly labels?: Record<string, string>;
  readonly taints?: Taint[];
  readonly unschedulable?: boolean;
  readonly cpu?: string;
  readonly memory?: string;
  readonly pods?: string;
  readonly more?: Record<string, string>;
}

/** Creates a node object without a kubelet, which is enough for the scheduler. */
export const addNode = (stage: Stage, name: string, overrides: NodeOverrides = {}): void => {
  const { labels, taints = [], unschedulable, cpu = "2", memory = "8Gi", pods = "29", more } = overrides;
  stage.store.create("nodes", {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels: { "kubernetes.io/hostname": name, ...labels } },
    spec: { taints, unschedulable },
    status: {
      allocatable: { cpu, memory, pods, ...more },
      conditions: [{ type: "Ready", status: "True" }],
    },
  });
};
