/** How many nodes with pods a pool may take out of service at once. */
import type { TransitionReason } from "../model/instance-record.ts";
import type { PoolView } from "./view.ts";

/** Reasons to drain nodes that serve well. Nodes that are empty or broken are no loss. */
const DISRUPTIONS: ReadonlySet<TransitionReason> = new Set(["MaxRuntime", "ScheduledEvent"]);

/** How many more running nodes may be drained now, besides those that are being drained. */
export const disruptionsLeft = ({ spec, instances: { running, stopping, terminating } }: PoolView): number => {
  const underWay = [...stopping, ...terminating].filter(({ record }) => DISRUPTIONS.has(record.reason)).length;
  return Math.max(0, limit(spec.disruption.maxUnavailable, running.length + underWay) - underWay);
};

const limit = (maxUnavailable: number | string, nodes: number): number =>
  typeof maxUnavailable === "number"
    ? maxUnavailable
    : Math.max(1, Math.ceil((nodes * Number.parseInt(maxUnavailable, 10)) / 100));
