/** What nodes have for pods, from what they report, what other nodes of their type reported, and the type's estimate. */

import type { InstanceRecord } from "../../model/instance-record.ts";
import type { KubeNode, ResourceList } from "../../model/kubernetes/objects.ts";
import { type Amounts, type AmountsOf, NO_AMOUNTS, toAmounts } from "../../scheduling/resource-amount.ts";
import type { DemandPool } from "../view.ts";

export interface NodeSize {
  readonly amounts: Amounts;
  /** Whether an absent resource is unknown instead of 0. */
  readonly isEstimate: boolean;
}

const INSTANCE_TYPE = "node.kubernetes.io/instance-type";
/** Kubelet reports these itself. All other resources come from device plugins, and kubelet reports none until the plugin runs again. */
const KUBELET_RESOURCES: ReadonlySet<string> = new Set(["cpu", "memory", "pods", "ephemeral-storage"]);

const isDevice = ([name]: readonly [string, number]): boolean =>
  !KUBELET_RESOURCES.has(name) && !name.startsWith("hugepages-");

const devicesIn = (amounts: Amounts = NO_AMOUNTS): readonly (readonly [string, number])[] =>
  [...amounts].filter(isDevice);

/** Adds devices that `amounts` lacks, or has 0 of: the plugin that reports them does not run yet. */
const withDevices = (amounts: Amounts, devices: Amounts): Amounts => {
  const missing = devicesIn(devices).filter(([name]) => !amounts.get(name));
  return missing.length > 0 ? new Map([...amounts, ...missing]) : amounts;
};

/** Whether the node does not report a device that its type has. */
export const lacksDevices = ({ status }: KubeNode, estimate: ResourceList = {}): boolean => {
  const own = toAmounts(status?.allocatable ?? {});
  return [...toAmounts(estimate)].some((device) => isDevice(device) && device[1] > 0 && !own.get(device[0]));
};

/** For each resource, the most of both. */
const mostOf = (one: Amounts, other: readonly (readonly [string, number])[]): Amounts => {
  const more = other.filter(([name, amount]) => amount > (one.get(name) ?? 0));
  return more.length > 0 ? new Map([...one, ...more]) : one;
};

const recordsOf = ({ standby, occupied, started, opened, stopping }: DemandPool): readonly InstanceRecord[] => [
  ...standby,
  ...[...occupied, ...started, ...opened, ...stopping].map(({ record }) => record),
];

/** Nodes that have booted with the type that their instances have now. */
export const nodesOfTheirType = (pool: DemandPool): readonly KubeNode[] => {
  const records = [...recordsOf(pool), ...pool.resizable.map(({ record }) => record)];
  const resized = new Set(records.flatMap(({ resizedFrom, nodeName }) => (resizedFrom === undefined ? [] : nodeName)));
  return [...pool.nodes.values()].filter(({ metadata }) => !resized.has(metadata.name));
};

/** By instance type: what a node of the type reports, and the most of each device that any of them or the estimate has. */
const reportedSizes = (
  pool: DemandPool,
  estimates: ReadonlyMap<string, Amounts>,
  amountsOf: AmountsOf,
): ReadonlyMap<string, NodeSize> => {
  const recordedTypes = new Map(recordsOf(pool).map(({ nodeName, instanceType }) => [nodeName, instanceType]));
  const reported = new Map<string, Set<Amounts>>();
  for (const { metadata, status } of nodesOfTheirType(pool)) {
    const type = metadata.labels?.[INSTANCE_TYPE] ?? recordedTypes.get(metadata.name);
    if (type === undefined || !status?.allocatable) continue;
    const ofType = reported.get(type) ?? new Set();
    reported.set(type, ofType.add(amountsOf(status.allocatable)));
  }
  return new Map(
    [...reported].map(([type, [first = NO_AMOUNTS, ...others]]): [string, NodeSize] => {
      const devices = [...others, estimates.get(type)].map(devicesIn);
      return [type, { amounts: devices.reduce(mostOf, first), isEstimate: false }];
    }),
  );
};

/**
 * Returns a function that finds the size of a node of that type: the same object for nodes that report the same. Undefined if it is unknown: then the
 * node takes one pod. A node whose instance has been changed to another type reports what it had with the former one until it boots.
 */
export const createNodeSizes = (
  pool: DemandPool,
  amountsOf: AmountsOf,
): ((machine: Pick<InstanceRecord, "instanceType" | "resizedFrom">, node?: KubeNode) => NodeSize | undefined) => {
  const estimates = new Map([...pool.template.estimates].map(([type, list]) => [type, amountsOf(list)]));
  const reported = reportedSizes(pool, estimates, amountsOf);
  const expected = new Map(
    [...estimates].map(([type, amounts]): [string, NodeSize] => [type, { amounts, isEstimate: true }]),
  );
  const own = new Map<NodeSize | undefined, Map<Amounts, NodeSize>>();
  return ({ instanceType, resizedFrom }, found) => {
    const node = resizedFrom === undefined ? found : undefined;
    const type = node?.metadata.labels?.[INSTANCE_TYPE] ?? instanceType;
    const ofType = reported.get(type) ?? expected.get(type);
    if (!node?.status?.allocatable) return ofType;
    const amounts = amountsOf(node.status.allocatable);
    const known = own.get(ofType) ?? new Map<Amounts, NodeSize>();
    own.set(ofType, known);
    const size = known.get(amounts) ?? {
      amounts: ofType ? withDevices(amounts, ofType.amounts) : amounts,
      isEstimate: false,
    };
    known.set(amounts, size);
    return size;
  };
};
