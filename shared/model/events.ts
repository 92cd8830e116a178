/**
 * What travels over EventBridge and SQS. An event names a key to look at and never carries truth.
 * Forwarder events go to the custom bus; their `detail` always holds `cluster`.
 */

export const FORWARDER_SOURCE = "stratos.forwarder";

export const DETAIL_TYPE = {
  /** detail: `{cluster}`; repeated while unschedulable pods exist. Wakes demand. */
  podsUnschedulable: "Pods Unschedulable",
  /** detail: `{cluster, pool}`; a NodePool was added, changed or deleted. Wakes its pool. */
  nodePoolChanged: "NodePool Changed",
  /** detail: `{cluster, pool, node}`; a labelled node, or the pods on it, changed. Wakes its pool. */
  nodeChanged: "Node Changed",
  /** detail: `{cluster, instanceId, node}`; a node without the pool label appeared. Goes through ec2-events. */
  nodeUnlabelled: "Node Unlabelled",
  /** detail: `{cluster, nodeClass}`; wakes the class. */
  nodeClassChanged: "AWSNodeClass Changed",
  /** detail: `{cluster}`; sent every minute; an alarm tells when it falls silent. Wakes demand. */
  heartbeat: "Forwarder Heartbeat",
} as const;

/** Body of every SQS message, as rules with input transformers, functions and the sweep write it. */
export interface WakeMessage {
  /** `cluster` for demand, `cluster/pool` for pool, `cluster/class` for nodeclass. */
  readonly key: string;
  /** Only in a wake that a reconciler gave itself: the time it was for, in ms. It does nothing if another time has been set since. */
  readonly at?: number;
}

export type ReconcilerKind = "demand" | "pool" | "nodeclass";
