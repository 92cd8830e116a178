/** How a node object must look in each state of its instance, and the patch that makes it so. */
import type { PoolSpec } from "../api/defaults.ts";
import type { KubeNode, Taint } from "../kube/objects.ts";
import { ANNOTATION, LABEL, TAINT } from "../names.ts";
import type { PoolState } from "./state-machine.ts";
import type { InstanceRecord } from "./view.ts";

/** A wanted change of a node; what it does not mention stays as it is. Null removes a label or annotation. */
export interface NodeShape {
  readonly unschedulable?: boolean;
  readonly addTaints?: readonly Taint[];
  readonly removeTaints?: readonly Taint[];
  readonly labels?: Readonly<Record<string, string | null>>;
  readonly annotations?: Readonly<Record<string, string | null>>;
}

export const rfc3339 = (timeMs: number): string => `${new Date(timeMs).toISOString().slice(0, 19)}Z`;

export const sameTaint = (one: Taint, other: Taint): boolean => one.key === other.key && one.effect === other.effect;

/** Taints that keep pods off a started node until its network is ready. */
export const readinessTaints = (spec: PoolSpec): readonly Taint[] =>
  spec.template.networkReadinessStrategy === "Taint"
    ? [...spec.template.startupTaints, TAINT.notReady]
    : spec.template.startupTaints;

const stateLabels = (pool: string, spec: PoolSpec, record: InstanceRecord, state: PoolState, since: number) => ({
  ...spec.template.labels,
  [LABEL.pool]: pool,
  [LABEL.state]: state,
  [LABEL.instanceId]: record.instanceId ?? null,
  [LABEL.stateSince]: String(Math.floor(since / 1000)),
  [LABEL.capacityType]: "on-demand",
});

/**
 * The shape of a node whose instance is, since `sinceMs`, in `state`. Startup taints come back with standby, before any start,
 * because kubelet does not register them again with a node object that exists.
 */
export const shapeFor = (
  pool: string,
  spec: PoolSpec,
  record: InstanceRecord,
  state: PoolState,
  sinceMs: number,
): NodeShape => {
  const labels = stateLabels(pool, spec, record, state, sinceMs);
  const idle = { [ANNOTATION.scaleUpStarted]: null, [ANNOTATION.scaleDownCandidateSince]: null };
  switch (state) {
    case "warmup":
      return { labels, addTaints: spec.template.taints };
    case "standby":
      return {
        labels,
        unschedulable: true,
        addTaints: [...spec.template.taints, ...readinessTaints(spec), TAINT.standby],
        annotations: idle,
      };
    case "running":
      return {
        labels,
        unschedulable: false,
        // A node that was registered anew may lack them, whatever its user data says.
        addTaints: spec.template.taints,
        removeTaints: [TAINT.standby, TAINT.shutdown],
        annotations: {
          ...(record.startedAt !== undefined && {
            [ANNOTATION.lastStarted]: rfc3339(record.startedAt),
            [ANNOTATION.scaleUpStarted]: record.readyAt === undefined ? rfc3339(record.startedAt) : null,
          }),
          [ANNOTATION.scaleDownCandidateSince]: null,
        },
      };
    case "stopping":
    case "terminating":
      return { labels, unschedulable: true, annotations: idle };
  }
};

const changed = (
  wanted: Readonly<Record<string, string | null>> | undefined,
  found: Readonly<Record<string, string>> | undefined,
): Record<string, string | null> | undefined => {
  const entries = Object.entries(wanted ?? {}).filter(([key, value]) => (found?.[key] ?? null) !== value);
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
};

const shapedTaints = (taints: readonly Taint[], shape: NodeShape): readonly Taint[] => {
  const removed = shape.removeTaints ?? [];
  const kept = taints.filter((taint) => !removed.some((other) => sameTaint(taint, other)));
  const missing = (shape.addTaints ?? []).filter((taint) => !kept.some((other) => sameTaint(taint, other)));
  return missing.length === 0 && kept.length === taints.length ? taints : [...kept, ...missing];
};

/**
 * A JSON merge patch, or undefined if the node already has the shape. A patch that touches taints carries the node's
 * resourceVersion: the list is replaced whole, and kubelet, node controller and cloud controller write to it as well.
 */
export const patchFor = (node: KubeNode, shape: NodeShape): object | undefined => {
  const labels = changed(shape.labels, node.metadata.labels);
  const annotations = changed(shape.annotations, node.metadata.annotations);
  const found = node.spec?.taints ?? [];
  const taints = shapedTaints(found, shape);
  const cordon =
    shape.unschedulable !== undefined && shape.unschedulable !== (node.spec?.unschedulable ?? false)
      ? { unschedulable: shape.unschedulable || null }
      : undefined;
  if (!labels && !annotations && !cordon && taints === found) return undefined;
  return {
    metadata: {
      ...(labels && { labels }),
      ...(annotations && { annotations }),
      ...(taints !== found && { resourceVersion: node.metadata.resourceVersion }),
    },
    ...((cordon || taints !== found) && { spec: { ...cordon, ...(taints !== found && { taints }) } }),
  };
};
