import { isShutToPods, type PoolSpec } from "../model/api/pool-spec.ts";
import type { InstanceRecord } from "../model/instance-record.ts";
import type { KubeNode, ResourceList } from "../model/kubernetes/objects.ts";
import { lacksDevices } from "./nodes/node-sizes.ts";

/** The scheduler may look at a pod again only after its backoff of up to 10 s (kubernetes/pkg/scheduler, podMaxBackoffDuration). */
const OPEN_MS = 15_000;
/** Device plugins register minutes after Ready (kubernetes/autoscaler#6707); one that has not by then is broken. */
const DEVICES_MS = 10 * 60_000;

/**
 * Whether the scheduler's verdicts may not cover the node yet, so that demand keeps its room for the pods that it was started for: it was launched
 * for demand, or started and not replaced since, until it has been open to pods for a while and has its devices. `estimate`: of its instance type.
 */
export const isInFlight = (
  { state, overflow, openedAt, startedAt, readyAt }: InstanceRecord,
  node: KubeNode | undefined,
  spec: PoolSpec,
  estimate: ResourceList | undefined,
  now: number,
): boolean => {
  if (state === "warmup") return overflow !== undefined;
  if (state !== "running") return false;
  if (startedAt === undefined) return false;
  // Its pool has not seen it open yet: for how long it has been is not known.
  if (readyAt === undefined || openedAt === undefined) return true;
  if (!node || isShutToPods(node, spec) || now - openedAt < OPEN_MS) return true;
  return now - openedAt < DEVICES_MS && lacksDevices(node, estimate);
};
