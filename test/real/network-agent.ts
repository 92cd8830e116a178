/** Reports NetworkingReady after each boot of a node, like a CNI with EKS's node monitoring agent, which cannot run on a hollow kubelet's node. */

import type { ObjectView } from "../../local/environment/cluster-side.ts";
import type { KubeClient } from "../../shared/kube/client.ts";
import { paths } from "../../shared/kube/paths.ts";
import { conditionOf, type KubeNode } from "../../shared/model/kubernetes/objects.ts";
import type { Kubelets } from "./kubelets.ts";

const rfc3339 = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** Whether the running kubelet has reported Ready; times in conditions have whole seconds. */
const isUp = (node: KubeNode, startedAt: number): boolean => {
  const ready = conditionOf(node, "Ready");
  return ready?.status === "True" && Date.parse(ready.lastHeartbeatTime ?? "") >= Math.floor(startedAt / 1000) * 1000;
};

/** Returns a function that stops it. */
export const startNetworkAgent = (
  store: ObjectView,
  kube: KubeClient,
  kubelets: Pick<Kubelets, "since">,
  onFailure: (error: unknown) => void,
): (() => void) => {
  const reported = new Map<string, number>();

  const report = async (name: string) => {
    const now = rfc3339(Date.now());
    const condition = { type: "NetworkingReady", status: "True", reason: "NetworkingIsReady" };
    const conditions = [{ ...condition, lastHeartbeatTime: now, lastTransitionTime: now }];
    await kube.patch(`${paths.node(name)}/status`, "strategic", { status: { conditions } });
  };

  return store.subscribe("nodes", ({ type, object }) => {
    const { name } = object.metadata;
    const startedAt = kubelets.since(name);
    if (type === "DELETED" || startedAt === undefined || reported.get(name) === startedAt) return;
    if (!isUp(object as unknown as KubeNode, startedAt)) return;
    reported.set(name, startedAt);
    report(name).catch(onFailure);
  });
};
