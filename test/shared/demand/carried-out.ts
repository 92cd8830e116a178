import { planDemand } from "../../../shared/demand/plan-demand.ts";
import type { DemandPool, DemandView, StartedNode } from "../../../shared/demand/view.ts";
import { podName } from "../../../shared/model/kubernetes/pods.ts";
import { aRecord, NOW } from "../pool/builders.ts";

/** The view a moment later: the planned nodes are starting or being launched, and none of the pods is bound yet. */
export const carriedOut = (view: DemandView): DemandView => {
  const { starts, launches, waiting } = planDemand(view);
  const withWaiting = (node: StartedNode): StartedNode => {
    const own = waiting.filter(({ record }) => record === node.record).map(({ pod }) => podName(pod));
    return { ...node, record: { ...node.record, pods: own } };
  };
  const pools = view.pools.map((each): DemandPool => {
    const started = starts
      .filter(({ pool: name }) => name === each.name)
      .flatMap(({ records, pods }) =>
        records.map((record, index): StartedNode => {
          const own = (pods[index] ?? []).map(podName);
          const node = each.nodes.get(record.nodeName ?? "");
          return { record: { ...record, state: "running", startedAt: NOW, pods: own }, node, pods: [] };
        }),
      );
    const launched = launches
      .filter(({ pool: name }) => name === each.name)
      .flatMap(({ offering, pods }) =>
        pods.map((own): StartedNode => {
          const names = own.map(podName);
          const record = aRecord("warmup", { ...offering, overflow: "serve", pods: names, nodeName: undefined });
          return { record, pods: [] };
        }),
      );
    const ids = new Set(started.map(({ record }) => record.instanceId));
    return {
      ...each,
      standby: each.standby.filter(({ instanceId }) => !ids.has(instanceId)),
      started: [...each.started.map(withWaiting), ...started, ...launched],
      launchCapacity: { ...each.launchCapacity, maxNodes: each.launchCapacity.maxNodes - launched.length },
    };
  });
  return { ...view, pods: view.pods, pools };
};
