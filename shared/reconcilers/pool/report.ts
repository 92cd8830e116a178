import type { Action } from "../../pool/actions.ts";
import { tellPool } from "../tell-pool.ts";
import type { Execution } from "./progress.ts";

/** Kubernetes events on the NodePool, and metrics. */
export const report = async ({ ports, view, progress }: Execution, actions: readonly Action[]): Promise<void> => {
  const kube = await ports.kube(view.cluster);
  const { cluster, name: pool, uid, now } = view;
  for (const action of actions) {
    const isAboutDropped = "about" in action && action.about && progress.dropped.has(action.about.record.slot);
    if (isAboutDropped) continue;
    if (action.kind === "measure") {
      const { metric, value, labels } = action;
      ports.telemetry.measure(metric, value, { Cluster: view.cluster, Pool: view.name }, labels);
    }
    if (action.kind !== "tell") continue;
    const { type, reason, message } = action;
    await tellPool(kube, ports.telemetry, { cluster, pool, uid, type, reason, message, now });
  }
};
