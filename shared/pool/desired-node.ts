/** How a node object must look in each state of its instance, and the patch that makes it so. */

import { type PoolSpec, readinessTaints } from "../model/api/pool-spec.ts";
import type { InstanceRecord } from "../model/instance-record.ts";
import type { PoolState } from "../model/instance-state.ts";
import type { KubeNode, Taint } from "../model/kubernetes/objects.ts";
import { sameTaint } from "../model/kubernetes/taints.ts";
import { ANNOTATION, LABEL, TAINT } from "../model/names.ts";
import { rfc3339 } from "../model/time.ts";

/** A wanted change of a node; what it does not mention stays as it is. Null removes a label or annotation. */
export interface DesiredNode {
  readonly unschedulable?: boolean;
  readonly addTaints?: readonly Taint[];
  /** Taints to be added, in place of those that were added as own before: what a pool has given up, its nodes lose. */
  readonly ownTaints?: readonly Taint[];
  readonly removeTaints?: readonly Taint[];
  readonly labels?: Readonly<Record<string, string | null>>;
  readonly annotations?: Readonly<Record<string, string | null>>;
}

const isStarting = ({ startedAt, readyAt }: InstanceRecord): boolean =>
  startedAt !== undefined && readyAt === undefined;

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
export const desiredNode = (
  pool: string,
  spec: PoolSpec,
  record: InstanceRecord,
  state: PoolState,
  sinceMs: number,
): DesiredNode => {
  const labels = stateLabels(pool, spec, record, state, sinceMs);
  const idle = { [ANNOTATION.scaleUpStarted]: null, [ANNOTATION.scaleDownCandidateSince]: null };
  switch (state) {
    case "warmup":
      return { labels, addTaints: spec.template.taints };
    case "standby":
      return {
        labels,
        unschedulable: true,
        ownTaints: [...spec.template.taints, ...readinessTaints(spec), TAINT.standby],
        annotations: idle,
      };
    case "running":
      return {
        labels,
        unschedulable: false,
        // A node that was registered anew, or that somebody laid hands on, may lack them. Those that wait for its network have had
        // their time once it was Ready.
        addTaints: [...spec.template.taints, ...(isStarting(record) ? readinessTaints(spec) : [])],
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

const idOf = ({ key, effect }: Taint): string => `${key}:${effect}`;

const formerOwn = (node: KubeNode): ReadonlySet<string> =>
  new Set(node.metadata.annotations?.[ANNOTATION.ownTaints]?.split(","));

const desiredTaints = (node: KubeNode, taints: readonly Taint[], shape: DesiredNode): readonly Taint[] => {
  const { ownTaints, addTaints = [], removeTaints: removed = [] } = shape;
  const wanted = [...(ownTaints ?? []), ...addTaints];
  const givenUp = ownTaints ? formerOwn(node) : new Set();
  const kept = taints.filter((taint) => {
    if (removed.some((other) => sameTaint(taint, other))) return false;
    return !givenUp.has(idOf(taint)) || wanted.some((other) => sameTaint(taint, other));
  });
  const missing = wanted.filter((taint) => !kept.some((other) => sameTaint(taint, other)));
  return missing.length === 0 && kept.length === taints.length ? taints : [...kept, ...missing];
};

/**
 * A JSON merge patch, or undefined if the node already has the shape. A patch that touches taints carries the node's
 * resourceVersion: the list is replaced whole, and kubelet, node controller and cloud controller write to it as well.
 */
export const nodePatch = (node: KubeNode, shape: DesiredNode): object | undefined => {
  const labels = changed(shape.labels, node.metadata.labels);
  const own = shape.ownTaints && { [ANNOTATION.ownTaints]: shape.ownTaints.map(idOf).join(",") };
  const annotations = changed({ ...shape.annotations, ...own }, node.metadata.annotations);
  const found = node.spec?.taints ?? [];
  const taints = desiredTaints(node, found, shape);
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
