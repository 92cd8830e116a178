/** Models of the nodes that pods could run on: nodes in flight, standby nodes, and nodes that could be launched. */

import { readinessTaints } from "../../model/api/pool-spec.ts";
import type { InstanceRecord } from "../../model/instance-record.ts";
import { foreignLabels } from "../../model/kubernetes/labels.ts";
import type { KubeNode, KubePod, Taint } from "../../model/kubernetes/objects.ts";
import { isFinished } from "../../model/kubernetes/pods.ts";
import { keptTaintIds, sameTaint } from "../../model/kubernetes/taints.ts";
import { LABEL } from "../../model/names.ts";
import type { Offering } from "../../model/offering.ts";
import type { NodeAttributes } from "../../scheduling/node-compatibility.ts";
import { type Amounts, toAmounts } from "../../scheduling/resource-amount.ts";
import type { DemandPool, StartedNode } from "../view.ts";
import { templateLabels } from "./labels.ts";
import { lastingTaints, taintsOnceUp } from "./lasting-taints.ts";

/** The maximum number of attached volumes of a node, by CSI driver. An absent driver has no limit. */
export type AttachLimits = Readonly<Record<string, number>>;

export interface NodeModel {
  readonly attributes: NodeAttributes;
  /** Whether the Node object exists, so that the scheduler knows the node by its name and labels. */
  readonly exists: boolean;
  /** Undefined if unknown: then the node takes one pod. */
  readonly allocatable: Amounts | undefined;
  /** The pods that already take room on the node. */
  readonly pods: readonly KubePod[];
  readonly attachLimits: AttachLimits;
}

export interface InstanceModel extends NodeModel {
  readonly record: InstanceRecord;
}

export interface LaunchModel extends NodeModel {
  readonly offering: Offering;
}

const INSTANCE_TYPE = "node.kubernetes.io/instance-type";
/** Kubelet reports these itself. All other resources come from device plugins, and kubelet reports none until the plugin runs again. */
const KUBELET_RESOURCES = /^(?:cpu|memory|pods|ephemeral-storage|hugepages-.*)$/;

/** For each instance type, the most of each device that any node of the pool reports. */
const reportedDevices = ({ nodes, defaultAllocatable }: DemandPool): ((type: string | undefined) => Amounts) => {
  const byType = new Map<string | undefined, Map<string, number>>();
  const collect = (type: string | undefined, amounts: Amounts): void => {
    const devices = byType.get(type) ?? new Map<string, number>();
    byType.set(type, devices);
    for (const [name, amount] of amounts) {
      if (!KUBELET_RESOURCES.test(name)) devices.set(name, Math.max(devices.get(name) ?? 0, amount));
    }
  };
  for (const { metadata, status } of nodes.values()) {
    if (status?.allocatable) collect(metadata.labels?.[INSTANCE_TYPE], toAmounts(status.allocatable));
  }
  const defaults = defaultAllocatable ? toAmounts(defaultAllocatable) : new Map<string, number>();
  return (type) => byType.get(type) ?? new Map([...defaults].filter(([name]) => !KUBELET_RESOURCES.test(name)));
};

type LimitsOf = (node: string) => AttachLimits | undefined;

/** For each instance type, the limits that a node of the pool reports: they depend on the type. */
const reportedLimits = ({ nodes }: DemandPool, limitsOf: LimitsOf): ReadonlyMap<string | undefined, AttachLimits> =>
  new Map(
    [...nodes.values()].flatMap(({ metadata }): [string | undefined, AttachLimits][] => {
      const limits = limitsOf(metadata.name);
      return limits ? [[metadata.labels?.[INSTANCE_TYPE], limits]] : [];
    }),
  );

export interface PoolModels {
  /** Nodes that run or are starting, and need no further start. */
  readonly inFlight: readonly InstanceModel[];
  /** Stopping, standby and launches are the nodes to start, most preferred first. */
  readonly stopping: readonly InstanceModel[];
  readonly standby: readonly InstanceModel[];
  readonly launches: readonly LaunchModel[];
}

/** In service: Ready since its start, with its network. */
const isOpen = ({ spec }: DemandPool, { state, readyAt }: InstanceRecord, taints: readonly Taint[]): boolean =>
  state === "running" &&
  readyAt !== undefined &&
  !readinessTaints(spec).some((taint) => taints.some((other) => sameTaint(taint, other)));

const attributesOf = (pool: DemandPool, record: InstanceRecord, node: KubeNode | undefined): NodeAttributes => {
  const { spec } = pool;
  const own = spec.template.labels;
  // A node that is being started is given its labels and taints while it boots.
  const isUp = record.state === "running" && node?.metadata.labels?.[LABEL.state] !== "standby";
  const found = node?.spec?.taints ?? [];
  const kept = node && !isOpen(pool, record, found) ? keptTaintIds(node) : undefined;
  const taints = (isUp && node ? lastingTaints : taintsOnceUp)(spec, found, kept);
  if (!node) return { name: record.nodeName, ...templateLabels(record, own), taints };
  const labels = isUp ? node.metadata.labels : { ...foreignLabels(node), ...own, [LABEL.state]: "running" };
  return { name: node.metadata.name, labels: labels ?? {}, taints };
};

/** `limitsOf`: the attach limits of the node with that name; undefined if its CSINode does not report any. */
export const modelsOf = (pool: DemandPool, inFlight: readonly StartedNode[], limitsOf: LimitsOf): PoolModels => {
  const devicesOf = reportedDevices(pool);
  const limitsByType = reportedLimits(pool, limitsOf);
  const defaultAllocatable = pool.defaultAllocatable && toAmounts(pool.defaultAllocatable);

  const allocatableOf = (record: InstanceRecord, node: KubeNode | undefined): Amounts | undefined => {
    if (!node?.status?.allocatable) return defaultAllocatable;
    const own = toAmounts(node.status.allocatable);
    const missing = [...devicesOf(node.metadata.labels?.[INSTANCE_TYPE] ?? record.instanceType)].filter(
      ([name]) => !own.get(name),
    );
    return missing.length > 0 ? new Map([...own, ...missing]) : own;
  };

  const ofInstance = ({ record, node, pods }: StartedNode): InstanceModel => ({
    record,
    attributes: attributesOf(pool, record, node),
    exists: node !== undefined,
    allocatable: allocatableOf(record, node),
    pods: pods.filter((pod) => !isFinished(pod)),
    attachLimits: (node && limitsOf(node.metadata.name)) ?? limitsByType.get(record.instanceType) ?? {},
  });

  const ofOffering = (offering: Offering): LaunchModel => {
    const { taints = [], labels = {}, allocatable, instanceType } = offering;
    return {
      offering,
      attributes: {
        ...templateLabels(offering, { ...labels, ...pool.spec.template.labels }),
        taints: taintsOnceUp(pool.spec, taints),
      },
      exists: false,
      allocatable: allocatable && toAmounts(allocatable),
      pods: [],
      attachLimits: limitsByType.get(instanceType) ?? {},
    };
  };

  const nodeOf = ({ nodeName }: InstanceRecord) => (nodeName === undefined ? undefined : pool.nodes.get(nodeName));
  return {
    inFlight: inFlight.map(ofInstance),
    stopping: pool.stopping.map(ofInstance),
    standby: pool.standby.map((record) => ofInstance({ record, node: nodeOf(record), pods: [] })),
    launches: pool.launchCapacity.offerings.map(ofOffering),
  };
};
