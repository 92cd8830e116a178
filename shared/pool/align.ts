/** Brings the node and the tag of each instance in line with its record, once every rule has decided. */

import { startOf } from "../model/instance-record.ts";
import { isReadySince } from "../model/kubernetes/condition-freshness.ts";
import type { KubeNode, Taint } from "../model/kubernetes/objects.ts";
import { sameTaint } from "../model/kubernetes/taints.ts";
import { LABEL, TAG, TAINT } from "../model/names.ts";
import { type Action, emitEvent } from "./actions.ts";
import type { Decisions } from "./decisions.ts";
import { type DesiredNode, desiredNode, nodePatch, runningAnnotations, standbyTaints } from "./desired-node.ts";
import { NETWORK_TIMEOUT_MS, type NetworkGate, networkGate } from "./network-ready.ts";
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
  const gate = record.state === "running" ? networkGate(instance, view.spec, view.now) : undefined;
  const desired =
    node.metadata.labels?.[LABEL.state] === record.state
      ? desiredInState(instance, node, view)
      : desiredNode(view.name, view.spec, record);
  const gated = gate && gate.kind !== "closed" ? withoutTaints(desired, gate.taints) : desired;
  return [
    ...(nodePatch(node, gated) ? applyNode(instance, node, gated) : []),
    ...(gate ? gateActions(gate, instance, node, view.now) : []),
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
const desiredInState = ({ record, ec2 }: Instance, node: KubeNode, { spec }: PoolView): DesiredNode => {
  switch (record.state) {
    case "warmup":
      return {};
    case "standby":
      return { unschedulable: true, ownTaints: standbyTaints(spec), labels: spec.template.labels };
    case "running":
      return {
        // The cloud-controller-manager may have put its shutdown taint back while it still saw the instance as stopped. Pods would
        // wait up to 5 s for it to notice.
        removeTaints: ec2?.state === "running" && isReadySince(node, startOf(record)) ? [TAINT.shutdown] : [],
        annotations: runningAnnotations(record),
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

const gateActions = (gate: NetworkGate, instance: Instance, node: KubeNode, now: number): Action[] => {
  if (gate.kind === "closed") return [{ kind: "requeueAt", at: gate.until }];
  const labels = { trigger: gate.kind === "open" ? "network" : "timeout", result: "success" };
  return [
    { kind: "recordMetric", metric: "startupTaintRemovals", value: 1, labels, about: instance },
    { kind: "recordMetric", metric: "startupTaintDuration", value: now - gate.since, about: instance },
    ...(gate.kind === "open" ? [] : [networkNotReady(instance, node)]),
  ];
};

const networkNotReady = (instance: Instance, node: KubeNode): Action =>
  emitEvent(
    "Warning",
    "NetworkNotReady",
    `${node.metadata.name} reported no ready network within ${NETWORK_TIMEOUT_MS / 1000} s; its startup taints were removed anyway`,
    instance,
  );

const alignTag = (instance: Instance): Action[] => {
  const { record, ec2 } = instance;
  return ec2 && ec2.state !== "terminated" && ec2.tags[TAG.state] !== record.state
    ? [{ kind: "tagState", instance, state: record.state }]
    : [];
};
