/** What a node object must look like in each state of its instance, and the patch that makes it so. */

import { networkTaints, type PoolSpec, readinessTaints } from "../model/api/pool-spec.ts";
import { type InstanceRecord, isStarting } from "../model/instance-record.ts";
import { isOutOfService } from "../model/instance-state.ts";
import { INSTANCE_TYPE_LABELS, ownLabelKeys } from "../model/kubernetes/labels.ts";
import { isOnHold, type KubeNode, type Labels, type Taint } from "../model/kubernetes/objects.ts";
import { isPassing, sameTaint, taintId } from "../model/kubernetes/taints.ts";
import { ANNOTATION, LABEL, TAINT } from "../model/names.ts";
import { rfc3339 } from "../model/time.ts";

/** The desired parts of a node; whatever it does not mention stays as it is. Null removes a label or annotation. */
export interface DesiredNode {
  readonly unschedulable?: boolean;
  readonly addTaints?: readonly Taint[];
  /** Added in place of the taints that Stratos added before: a taint that the pool no longer has is removed from its nodes. */
  readonly ownTaints?: readonly Taint[];
  readonly removeTaints?: readonly Taint[];
  readonly labels?: Readonly<Record<string, string | null>>;
  /** Set in place of the labels that Stratos set before, in the same way; a label that the node had from somebody else stays theirs. */
  readonly ownLabels?: Labels;
  readonly annotations?: Readonly<Record<string, string | null>>;
  /** Corrects the labels of the instance type, which nobody else does after the node was initialized; a node without them is not given any. */
  readonly instanceType?: string;
}

/**
 * The whole node that the state of the record asks for. Startup taints come back with standby, before any start, because kubelet
 * does not register taints again with a node object that exists.
 */
export const desiredNode = (pool: string, spec: PoolSpec, record: InstanceRecord): DesiredNode => {
  const labels = {
    labels: stateLabels(pool, record),
    ownLabels: ownLabels(spec, record),
    instanceType: record.instanceType,
  };
  const idle = { [ANNOTATION.scaleUpStarted]: null, [ANNOTATION.scaleDownCandidateSince]: null };
  switch (record.state) {
    case "warmup":
      return { ...labels, addTaints: spec.template.taints, ...(isShut(record) && { unschedulable: true }) };
    case "standby":
      return {
        ...labels,
        unschedulable: true,
        ownTaints: standbyTaints(spec),
        annotations: {
          ...idle,
          ...(record.warmedAt !== undefined && { [ANNOTATION.warmupCompleted]: rfc3339(record.warmedAt) }),
        },
      };
    case "running":
      return {
        ...labels,
        unschedulable: false,
        // A node that registered again, or that somebody changed by hand, may lack them. Readiness taints are only for a node that
        // has not been Ready since its start; those that somebody else removes may have been removed already.
        addTaints: [...spec.template.taints, ...(isStarting(record) ? networkTaints(spec) : [])],
        removeTaints: [TAINT.standby, TAINT.shutdown],
        annotations: {
          ...(record.startedAt !== undefined && { [ANNOTATION.lastStarted]: rfc3339(record.startedAt) }),
          ...runningAnnotations(record),
        },
      };
    case "stopping":
    case "terminating":
      return { ...labels, unschedulable: true, annotations: idle };
  }
};

/** Whether a warming node takes no pods: it powers itself off, unless it was launched to serve. DaemonSet pods come all the same. */
export const isShut = ({ overflow }: InstanceRecord): boolean => overflow !== "serve";

/** The taints of a standby node: the pool's own, and those that its next start needs. */
export const standbyTaints = (spec: PoolSpec): readonly Taint[] => [
  ...spec.template.taints,
  ...readinessTaints(spec),
  TAINT.standby,
];

/** The annotations that follow the record while it is running. */
export const runningAnnotations = (record: InstanceRecord): NonNullable<DesiredNode["annotations"]> => {
  const { startedAt, emptySince } = record;
  return {
    [ANNOTATION.scaleUpStarted]: startedAt !== undefined && isStarting(record) ? rfc3339(startedAt) : null,
    [ANNOTATION.scaleDownCandidateSince]: emptySince === undefined ? null : rfc3339(emptySince),
  };
};

/** Load balancers would send requests to a node that is draining, and count one that is off as unhealthy. */
export const ownLabels = (spec: PoolSpec, record: InstanceRecord): Labels => ({
  ...(!isInService(record) && { [LABEL.excludeFromLoadBalancers]: "true" }),
  ...spec.template.labels,
});

const isInService = (record: InstanceRecord): boolean =>
  record.state === "running" || (record.state === "warmup" && !isShut(record));

const stateLabels = (pool: string, { state, stateSince, instanceId }: InstanceRecord) => ({
  [LABEL.pool]: pool,
  [LABEL.state]: state,
  [LABEL.instanceId]: instanceId ?? null,
  [LABEL.stateSince]: String(Math.floor(stateSince / 1000)),
  [LABEL.capacityType]: "on-demand",
});

/**
 * A JSON merge patch, or undefined if the node already looks as desired. A patch that touches taints or the cordon carries the node's
 * resourceVersion: the list of taints is replaced as a whole, and kubelet, node controller and cloud controller write to it too; and a node that
 * was opened for pods meanwhile must not be cordoned again.
 */
export const nodePatch = (node: KubeNode, desired: DesiredNode): object | undefined => {
  const own = desired.ownTaints && { [ANNOTATION.ownTaints]: desired.ownTaints.map(taintId).join(",") };
  const { labels: replaced, annotation } = replacedLabels(node, desired.ownLabels);
  const labels = changed({ ...replaced, ...desired.labels, ...typeLabels(node, desired) }, node.metadata.labels);
  const annotations = changed(
    { ...desired.annotations, ...own, ...annotation, ...(leavesService(node, desired) && farewell(node, desired)) },
    node.metadata.annotations,
  );
  const found = node.spec?.taints ?? [];
  const taints = desiredTaints(node, found, desired);
  const opensHeld = desired.unschedulable === false && isOnHold(node);
  const cordon =
    !opensHeld && desired.unschedulable !== undefined && desired.unschedulable !== (node.spec?.unschedulable ?? false)
      ? { unschedulable: desired.unschedulable || null }
      : undefined;
  if (!labels && !annotations && !cordon && taints === found) return undefined;
  return {
    metadata: {
      ...(labels && { labels }),
      ...(annotations && { annotations }),
      ...((cordon || taints !== found) && { resourceVersion: node.metadata.resourceVersion }),
    },
    ...((cordon || taints !== found) && { spec: { ...cordon, ...(taints !== found && { taints }) } }),
  };
};

const typeLabels = ({ metadata }: KubeNode, { instanceType }: DesiredNode): Labels =>
  instanceType === undefined
    ? {}
    : Object.fromEntries(
        INSTANCE_TYPE_LABELS.filter((key) => metadata.labels?.[key] !== undefined).map((key) => [key, instanceType]),
      );

const changed = (
  desired: Readonly<Record<string, string | null>> | undefined,
  found: Readonly<Record<string, string>> | undefined,
): Record<string, string | null> | undefined => {
  const entries = Object.entries(desired ?? {}).filter(([key, value]) => (found?.[key] ?? null) !== value);
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
};

const desiredTaints = (node: KubeNode, found: readonly Taint[], desired: DesiredNode): readonly Taint[] => {
  const { ownTaints, addTaints = [], removeTaints = [] } = desired;
  const required = [...(ownTaints ?? []), ...addTaints];
  const outdated = ownTaints ? previousOwnTaints(node) : new Set();
  const kept = found.filter((taint) => {
    if (removeTaints.some((other) => sameTaint(taint, other))) return false;
    const wanted = required.find((other) => sameTaint(taint, other));
    return wanted ? (wanted.value ?? "") === (taint.value ?? "") : !outdated.has(taintId(taint));
  });
  const missing = required.filter((taint) => !kept.some((other) => sameTaint(taint, other)));
  return missing.length === 0 && kept.length === found.length ? found : [...kept, ...missing];
};

/**
 * Whether it goes from service, or from its warmup, to stopping or standby. A node without the label of its state has lost it to somebody else; what
 * it has noted then still holds, and its taints and cordon may be those of a node out of service.
 */
const leavesService = ({ metadata }: KubeNode, { labels }: DesiredNode): boolean => {
  const state = metadata.labels?.[LABEL.state];
  const hasNoted = state === undefined && metadata.annotations?.[ANNOTATION.keptTaints] !== undefined;
  return isOutOfService(labels?.[LABEL.state]) && !isOutOfService(state) && !hasNoted;
};

/** What is noted on a node that leaves service: the taints of others, and that somebody cordoned it while it was running. */
const farewell = (node: KubeNode, desired: DesiredNode) => ({
  [ANNOTATION.keptTaints]: foreignTaints(node, desired).join(","),
  ...(node.spec?.unschedulable &&
    node.metadata.labels?.[LABEL.state] === "running" && { [ANNOTATION.hold]: "Cordoned" }),
});

/** The labels to set and to take off, and the note of which are Stratos's own. */
const replacedLabels = (node: KubeNode, own: Labels | undefined) => {
  if (!own) return {};
  const noted = ownLabelKeys(node);
  const outdated = (noted ?? []).filter((key) => key !== "" && !(key in own));
  // A node that was never noted has its labels from its registration.
  const claimed = Object.keys(own).filter(
    (key) => !noted || noted.includes(key) || node.metadata.labels?.[key] === undefined,
  );
  return {
    labels: { ...Object.fromEntries(outdated.map((key) => [key, null])), ...own },
    annotation: { [ANNOTATION.ownLabels]: claimed.toSorted().join(",") },
  };
};

/** The ids of the node's taints that neither Stratos nor the node's state has put there. */
const foreignTaints = (node: KubeNode, { ownTaints = [] }: DesiredNode): readonly string[] => {
  const own = new Set([...previousOwnTaints(node), ...ownTaints.map(taintId)]);
  return (node.spec?.taints ?? []).filter((taint) => !isPassing(taint) && !own.has(taintId(taint))).map(taintId);
};

const previousOwnTaints = (node: KubeNode): ReadonlySet<string> =>
  new Set(node.metadata.annotations?.[ANNOTATION.ownTaints]?.split(","));
