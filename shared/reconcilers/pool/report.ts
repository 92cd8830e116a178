import type { Action } from "../../pool/actions.ts";
import type { Instance } from "../../pool/view.ts";
import { tellPool } from "../tell-pool.ts";
import type { Execution } from "./progress.ts";

/** Metrics, and what is to be said of the pool, all at once: what is similar in it becomes one event. */
export const report = async ({ ports, view, progress }: Execution, actions: readonly Action[]): Promise<void> => {
  const { cluster, name: pool } = view;
  const isDropped = (about: Instance | undefined) => about !== undefined && progress.dropped.has(about.record.slot);
  for (const action of actions) {
    if (action.kind !== "measure" || isDropped(action.about)) continue;
    ports.telemetry.measure(action.metric, action.value, { Cluster: cluster, Pool: pool }, action.labels);
  }
  const news = actions.filter((action) => action.kind === "tell").filter(({ about }) => !isDropped(about));
  if (news.length > 0) await tellPool(await ports.kube(cluster), ports, { ...view, pool }, news);
};
