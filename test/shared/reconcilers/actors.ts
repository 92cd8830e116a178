/** Others who act on the fake cluster, in the words of the simulated cluster's actors. */
import { createOtherAutoscaler } from "../../../local/kubernetes/actors/other-autoscaler.ts";
import { createPerson, type NodeAccess, type Person } from "../../../local/kubernetes/actors/people.ts";
import type { NodeObject } from "../../../local/kubernetes/objects/objects.ts";
import { paths } from "../../../shared/kube/paths.ts";
import type { KubePod } from "../../../shared/model/kubernetes/objects.ts";
import type { World } from "./world.ts";

const accessTo = ({ kube }: World): NodeAccess => ({
  changeNode: (name, change) => {
    const node = structuredClone(kube.at<NodeObject>(paths.node(name)));
    if (!node) return;
    change(node);
    kube.put(paths.node(name), node);
  },
  deleteNode: (name) => void kube.objects.delete(paths.node(name)),
});

export const somebody = (world: World): Person => createPerson(accessTo(world));

export const otherAutoscaler = (world: World, name: Parameters<typeof createOtherAutoscaler>[0]) =>
  createOtherAutoscaler(name, accessTo(world));

/** A Deployment with one pod that tolerates everything, which the scheduler binds to this node each time. */
export const tolerateAllPod = (world: World, nodeName: string) => {
  let uid = 0;
  const path = paths.pod("default", "tigera-operator");
  const at = () => world.kube.at<KubePod>(path);
  return {
    at,
    /** What the controller and the scheduler do meanwhile. */
    replace: (): void => {
      if (at()) return;
      uid += 1;
      const isRunning = world.kube.at(paths.node(nodeName)) !== undefined && isOn(world, nodeName);
      world.kube.put(path, {
        metadata: {
          name: "tigera-operator",
          namespace: "default",
          uid: `operator-${uid}`,
          creationTimestamp: new Date(world.now()).toISOString(),
          ownerReferences: [{ kind: "ReplicaSet", name: "tigera-operator", uid: "set", controller: true }],
        },
        spec: { nodeName, tolerations: [{ operator: "Exists" }], containers: [{ name: "main" }] },
        status: { phase: isRunning ? "Running" : "Pending" },
      });
    },
  };
};

const isOn = ({ ec2 }: World, nodeName: string): boolean =>
  ec2.instances.get(nodeName.replace("node-", ""))?.state === "running";
