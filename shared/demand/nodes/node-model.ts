/** Models of the nodes that pods could run on: nodes in flight, standby nodes, and nodes that could be launched. */

import { isShutToPods } from "../../model/api/pool-spec.ts";
import { type InstanceRecord, resizedTo } from "../../model/instance-record.ts";
import { foreignLabels } from "../../model/kubernetes/labels.ts";
import type { KubeNode, KubePod } from "../../model/kubernetes/objects.ts";
import { isFinished, isStaticPod } from "../../model/kubernetes/pods.ts";
import { keptTaintIds } from "../../model/kubernetes/taints.ts";
import { LABEL } from "../../model/names.ts";
import type { AvailableOffering } from "../../model/offering.ts";
import type { NodeAttributes } from "../../scheduling/node-compatibility.ts";
import type { AmountsOf } from "../../scheduling/resource-amount.ts";
import type { DemandPool, StartedNode } from "../view.ts";
import { createLabelsOnceUp, expectedLabels, type Machine } from "./labels.ts";
import { lastingTaints, taintsOnceUp } from "./lasting-taints.ts";
import { createNodeSizes, type NodeSize, nodesOfTheirType } from "./node-sizes.ts";

/** The maximum number of attached volumes of a node, by CSI driver. An absent driver has no limit. */
export type AttachLimits = Readonly<Record<string, number>>;

/** The size, the limits and the static pods are the same objects on nodes that do not differ in them. */
export interface NodeModel {
  readonly attributes: NodeAttributes;
  /** Whether the Node object exists, so that the scheduler knows the node by its name and labels. */
  readonly exists: boolean;
  /** Undefined if unknown: then the node takes one pod. */
  readonly size: NodeSize | undefined;
  /** The pods that already take room on the node. */
  readonly pods: readonly KubePod[];
  /** Static pods that are not among them yet. */
  readonly staticPods: readonly KubePod[];
  readonly attachLimits: AttachLimits;
}

export interface InstanceModel extends NodeModel {
  readonly record: InstanceRecord;
}

export interface LaunchModel extends NodeModel {
  readonly offering: AvailableOffering;
}

const INSTANCE_TYPE = "node.kubernetes.io/instance-type";

const NO_PODS: readonly KubePod[] = [];
const NO_LIMITS: AttachLimits = {};

/** The name of a mirror pod ends with the name of its node (k8s.io/kubernetes/pkg/kubelet/config, generatePodName). */
const staticName = ({ metadata, spec }: KubePod): string =>
  metadata.name.replace(`-${spec.nodeName?.toLowerCase()}`, "");

const missingStaticPods = (expected: readonly KubePod[] = NO_PODS, pods: readonly KubePod[] = NO_PODS) => {
  if (expected.length === 0 || pods.length === 0) return expected;
  const present = new Set(pods.filter(isStaticPod).map(staticName));
  return expected.filter((pod) => !present.has(staticName(pod)));
};

type LimitsOf = (node: string) => AttachLimits | undefined;

/** For each instance type, the limits that a node of the pool reports: they depend on the type. */
const reportedLimits = (pool: DemandPool, limitsOf: LimitsOf): ReadonlyMap<string | undefined, AttachLimits> =>
  new Map(
    nodesOfTheirType(pool).flatMap(({ metadata }): [string | undefined, AttachLimits][] => {
      const limits = limitsOf(metadata.name);
      return limits ? [[metadata.labels?.[INSTANCE_TYPE], limits]] : [];
    }),
  );

export interface PoolModels {
  /** Nodes that run or are starting, and need no further start. */
  readonly inFlight: readonly InstanceModel[];
  readonly opened: readonly InstanceModel[];
  /** Stopping, standby and launches are the nodes to start, most preferred first. */
  readonly stopping: readonly InstanceModel[];
  readonly standby: readonly InstanceModel[];
  /** With the records as they will be once the types of the instances are changed. */
  readonly resizable: readonly InstanceModel[];
  readonly launches: readonly LaunchModel[];
}

/** The node that a machine becomes: the same for an offering, for a record whose node does not exist, and for a node that has its object. */
const expectedNode = ({ spec, template }: DemandPool, machine: Machine): NodeAttributes => ({
  ...(machine.nodeName !== undefined && { name: machine.nodeName }),
  ...expectedLabels(
    { ...machine, architecture: template.architecture },
    { ...template.labels, ...spec.template.labels },
  ),
  taints: taintsOnceUp(spec, template.taints),
});

/** A node that is being started is given its pool's labels while it boots, and is in service then. */
const IN_SERVICE = { [LABEL.state]: "running" };

const createAttributes = (pool: DemandPool) => {
  const { spec, template } = pool;
  const own = spec.template.labels;
  const labelsOnceUp = createLabelsOnceUp(template.architecture, own);
  return (record: InstanceRecord, node: KubeNode | undefined): NodeAttributes => {
    if (!node) return expectedNode(pool, record);
    const isUp = record.state === "running" && node.metadata.labels?.[LABEL.state] !== "standby";
    const found = node.spec?.taints ?? [];
    const inService = isUp && record.readyAt !== undefined && !isShutToPods(node, spec);
    const kept = inService ? undefined : keptTaintIds(node);
    return {
      name: node.metadata.name,
      labels: isUp
        ? labelsOnceUp(record, node.metadata.labels ?? {})
        : labelsOnceUp(record, foreignLabels(node), own, IN_SERVICE),
      taints: (isUp ? lastingTaints : taintsOnceUp)(spec, found, kept),
    };
  };
};

/** `limitsOf`: the attach limits of the node with that name; undefined if its CSINode does not report any. */
export const modelsOf = (pool: DemandPool, limitsOf: LimitsOf, amountsOf: AmountsOf): PoolModels => {
  const sizeOf = createNodeSizes(pool, amountsOf);
  const limitsByType = reportedLimits(pool, limitsOf);
  const attributesOf = createAttributes(pool);

  const reportedBy = ({ resizedFrom }: InstanceRecord, node: KubeNode | undefined) =>
    node && resizedFrom === undefined ? limitsOf(node.metadata.name) : undefined;

  const ofInstance = ({ record, node, pods }: StartedNode): InstanceModel => ({
    record,
    attributes: attributesOf(record, node),
    exists: node !== undefined,
    size: sizeOf(record, node),
    pods: pods.filter((pod) => !isFinished(pod)),
    staticPods: missingStaticPods(pool.staticPods.get(record.instanceType), pods),
    attachLimits: reportedBy(record, node) ?? limitsByType.get(record.instanceType) ?? NO_LIMITS,
  });

  const ofOffering = (offering: AvailableOffering): LaunchModel => ({
    offering,
    attributes: expectedNode(pool, offering),
    exists: false,
    size: sizeOf(offering),
    pods: [],
    staticPods: missingStaticPods(pool.staticPods.get(offering.instanceType)),
    attachLimits: limitsByType.get(offering.instanceType) ?? NO_LIMITS,
  });

  const nodeOf = ({ nodeName }: InstanceRecord) => (nodeName === undefined ? undefined : pool.nodes.get(nodeName));
  return {
    inFlight: pool.started.map(ofInstance),
    opened: pool.opened.map(ofInstance),
    stopping: pool.stopping.map(ofInstance),
    standby: pool.standby.map((record) => ofInstance({ record, node: nodeOf(record), pods: [] })),
    resizable: pool.resizable.map(({ record, instanceType }) =>
      ofInstance({
        record: resizedTo(record, instanceType),
        node: nodeOf(record),
        pods: [],
      }),
    ),
    launches: pool.launchCapacity.offerings.map(ofOffering),
  };
};
