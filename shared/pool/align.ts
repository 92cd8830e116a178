/** Brings the node and the tag of each instance in line with its record, once every rule has decided. */

import { isReadySinceStart } from "../model/instance-record.ts";
import type { KubeNode, Taint } from "../model/kubernetes/objects.ts";
import { sameTaint } from "../model/kubernetes/taints.ts";
import { LABEL, TAG, TAINT } from "../model/names.ts";
import type { Action } from "./actions.ts";
import type { Decisions } from "./decisions.ts";
import {
  type DesiredNode,
  desiredNode,
  isShut,
  nodePatch,
  ownLabels,
  runningAnnotations,
  standbyTaints,
} from "./desired-node.ts";
import { gatedTaints, type NetworkState, networkNotReady, networkState } from "./network-ready.ts";
import type { Instance, PoolView } from "./view.ts";

/**
 * Node and tag follow the record as it stands; a transition that is only begun is followed by the next look, once it is on record. A
 * transition that is completed takes the node along: the record is written after the node.
 */
export const align = (
  { instance, transition }: ReturnType<Decisions["instances"]>[number],
  view: PoolView,
): Action[] => {
  if (transition?.kind === "beginTransition") return [];
  return [...alignNode(instance, view), ...(transition ? [] : alignTag(instance))];
};

/**
 * The state label is written in the same patch as the rest of the desired node. A node that carries the label of its state has had
 * all of it: what was changed on it since, such as a cordon by hand, stays, except where Stratos depends on it.
 */
const alignNode = (instance: Instance, view: PoolView): Action[] => {
  const { record, node } = instance;
  if (!node) return [];
  const gate = record.state === "running" ? gateOf(instance, node, view) : undefined;
  const desired =
    node.metadata.labels?.[LABEL.state] === record.state
      ? desiredInState(instance, node, view)
      : desiredNode(view.name, view.spec, record);
  const gated = gate && gate.network.kind !== "pending" ? withoutTaints(desired, gate.taints) : desired;
  return [
    ...(nodePatch(node, gated) ? applyNode(instance, node, gated) : []),
    ...(gate ? gateActions(gate.network, instance, view.now) : []),
  ];
};

/**
 * A standby node is shut before it is opened for a start: kubelet does not register anything again with a node object that exists.
 * The record is touched first, so that a node that demand opens meanwhile stays open.
 */
const applyNode = (instance: Instance, node: KubeNode, desired: DesiredNode): Action[] => [
  ...(instance.record.state === "standby" ? [{ kind: "updateRecord", instance, set: {} } as const] : []),
  { kind: "applyNode", instance, node, desired },
];

/** The parts of a node that are kept as desired while its instance stays in a state. */
const desiredInState = (instance: Instance, node: KubeNode, view: PoolView): DesiredNode => ({
  ...keptInState(instance, node, view),
  // Demand, the forwarder and the selectors of pods find the node by it.
  labels: { [LABEL.pool]: view.name },
});

const keptInState = ({ record, ec2 }: Instance, node: KubeNode, { spec }: PoolView): DesiredNode => {
  switch (record.state) {
    case "warmup":
      return isShut(record) ? { unschedulable: true } : {};
    case "standby":
      return {
        unschedulable: true,
        ownTaints: standbyTaints(spec),
        ownLabels: ownLabels(spec, record),
        instanceType: record.instanceType,
      };
    case "running":
      return {
        // The cloud-controller-manager may have put its shutdown taint back while it still saw the instance as stopped. Pods would
        // wait up to 5 s for it to notice.
        removeTaints: ec2?.state === "running" && isReadySinceStart(node, record) ? [TAINT.shutdown] : [],
        annotations: runningAnnotations(record),
        instanceType: record.instanceType,
      };
    case "stopping":
    case "terminating":
      return { unschedulable: true };
  }
};

const withoutTaints = (desired: DesiredNode, taints: readonly Taint[]): DesiredNode => ({
  ...desired,
  addTaints: desired.addTaints?.filter((taint) => !taints.some((other) => sameTaint(taint, other))),
  removeTaints: [...(desired.removeTaints ?? []), ...taints],
});

/** The taints that keep pods off the node until its network is ready; undefined if it has none, or was not Ready since its start. */
const gateOf = (instance: Instance, node: KubeNode, view: PoolView) => {
  const taints = gatedTaints(node, view.spec);
  const network = taints.length > 0 ? networkState(instance, view) : undefined;
  return network && { taints, network };
};

const gateActions = (network: NetworkState, instance: Instance, now: number): Action[] => {
  if (network.kind === "pending") return [{ kind: "requeueAt", at: network.until }];
  const labels = { trigger: network.kind === "ready" ? "network" : "timeout", result: "success" };
  return [
    { kind: "recordMetric", metric: "startupTaintRemovals", value: 1, labels, about: instance },
    { kind: "recordMetric", metric: "startupTaintDuration", value: now - network.since, about: instance },
    ...(network.kind === "ready" ? [] : [networkNotReady(instance, "its startup taints were removed anyway")]),
  ];
};

const alignTag = (instance: Instance): Action[] => {
  const { record, ec2 } = instance;
  return ec2 && ec2.state !== "terminated" && ec2.tags[TAG.state] !== record.state
    ? [{ kind: "tagState", instance, state: record.state }]
    : [];
};
