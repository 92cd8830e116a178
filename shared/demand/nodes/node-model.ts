/** Nodes that pods could go to: some are there, some are asleep, some would have to be launched. */

import type { InstanceRecord } from "../../model/instance-record.ts";
import type { KubeNode, KubePod } from "../../model/kubernetes/objects.ts";
import { isFinished } from "../../model/kubernetes/pods.ts";
import { LABEL } from "../../model/names.ts";
import type { Offering } from "../../model/offering.ts";
import type { NodeAttributes } from "../../scheduling/node-compatibility.ts";
import { type Amounts, toAmounts } from "../../scheduling/resource-amount.ts";
import type { DemandPool, StartedNode } from "../view.ts";
import { templateLabels } from "./labels.ts";
import { lastingTaints, taintsOnceUp } from "./lasting-taints.ts";

/** How many volumes a node can have attached, by CSI driver; a driver that is absent has no limit. */
export type AttachLimits = Readonly<Record<string, number>>;

export interface NodeModel {
  readonly attributes: NodeAttributes;
  /** Whether there is a node object, so that the scheduler knows the node by its name and labels. */
  readonly exists: boolean;
  /** Undefined while nothing is known of it; then it takes one pod. */
  readonly allocatable: Amounts | undefined;
  /** Those that take room on it already. */
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
/** Anything else is counted by a device plugin, which kubelet does not hear of before the plugin runs again. */
const KUBELETS_OWN = /^(?:cpu|memory|pods|ephemeral-storage|hugepages-.*)$/;

/** For each instance type, the most of each device that a node of the pool has shown. */
const shownDevices = ({ nodes, capacity }: DemandPool): ((type: string | undefined) => Amounts) => {
  const shown = new Map<string | undefined, Map<string, number>>();
  const note = (type: string | undefined, amounts: Amounts): void => {
    const most = shown.get(type) ?? new Map<string, number>();
    shown.set(type, most);
    for (const [name, amount] of amounts) {
      if (!KUBELETS_OWN.test(name)) most.set(name, Math.max(most.get(name) ?? 0, amount));
    }
  };
  for (const { metadata, status } of nodes.values()) {
    if (status?.allocatable) note(metadata.labels?.[INSTANCE_TYPE], toAmounts(status.allocatable));
  }
  const general = capacity ? toAmounts(capacity) : new Map<string, number>();
  return (type) => shown.get(type) ?? new Map([...general].filter(([name]) => !KUBELETS_OWN.test(name)));
};

type LimitsOf = (node: string) => AttachLimits | undefined;

/** For each instance type, the limits of a node of the pool whose drivers have told them: they come with the type. */
const shownLimits = ({ nodes }: DemandPool, limitsOf: LimitsOf): ReadonlyMap<string | undefined, AttachLimits> =>
  new Map(
    [...nodes.values()].flatMap(({ metadata }): [string | undefined, AttachLimits][] => {
      const limits = limitsOf(metadata.name);
      return limits ? [[metadata.labels?.[INSTANCE_TYPE], limits]] : [];
    }),
  );

export interface PoolModels {
  /** Room is there, or will be without anything being done. */
  readonly inFlight: readonly InstanceModel[];
  /** Can be had, the most wanted first. */
  readonly stopping: readonly InstanceModel[];
  readonly standby: readonly InstanceModel[];
  readonly launches: readonly LaunchModel[];
}

const attributesOf = ({ spec }: DemandPool, record: InstanceRecord, node: KubeNode | undefined): NodeAttributes => {
  const own = spec.template.labels;
  const isUp = record.state === "running";
  const taints = (isUp && node ? lastingTaints : taintsOnceUp)(spec, node?.spec?.taints);
  if (!node) return { name: record.nodeName, ...templateLabels(record, own), taints };
  const labels = isUp ? node.metadata.labels : { ...node.metadata.labels, ...own, [LABEL.state]: "running" };
  return { name: node.metadata.name, labels: labels ?? {}, taints };
};

/** `limitsOf` says how many volumes the node of that name can have attached; undefined if its drivers have not told. */
export const modelsOf = (pool: DemandPool, inFlight: readonly StartedNode[], limitsOf: LimitsOf): PoolModels => {
  const devicesOf = shownDevices(pool);
  const limitsOfType = shownLimits(pool, limitsOf);
  const capacity = pool.capacity && toAmounts(pool.capacity);

  const allocatableOf = (record: InstanceRecord, node: KubeNode | undefined): Amounts | undefined => {
    if (!node?.status?.allocatable) return capacity;
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
    attachLimits: (node && limitsOf(node.metadata.name)) ?? limitsOfType.get(record.instanceType) ?? {},
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
      attachLimits: limitsOfType.get(instanceType) ?? {},
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
