/**
 * Events on EventBridge and messages on SQS. They only name a key to reconcile; the reconciler reads the state itself.
 * The forwarder sends its events to the custom bus; their `detail` always has `cluster`.
 */

export const FORWARDER_SOURCE = "stratos.forwarder";

export const DETAIL_TYPE = {
  /** detail: `{cluster}`; repeated as long as there are unschedulable pods. Wakes demand. */
  podsUnschedulable: "Pods Unschedulable",
  /** detail: `{cluster, pool}`; a NodePool was added, changed or deleted. Wakes its pool. */
  nodePoolChanged: "NodePool Changed",
  /** detail: `{cluster, pool, node}`; a node with the pool label, or the pods on it, changed. Wakes its pool. */
  nodeChanged: "Node Changed",
  /** detail: `{cluster, instanceId, node}`; a node without the pool label appeared. Goes through ec2-events. */
  nodeUnlabelled: "Node Unlabelled",
  /** detail: `{cluster, nodeClass}`; an AWSNodeClass changed. Wakes the class. */
  nodeClassChanged: "AWSNodeClass Changed",
  /** detail: `{cluster}`; sent every minute, and an alarm fires when it stops. Wakes demand. */
  heartbeat: "Forwarder Heartbeat",
} as const;

/** The body of every SQS message, whether EventBridge rules, functions or the sweep send it. */
export interface WakeMessage {
  /** `cluster` for demand, `cluster/pool` for pool, `cluster/class` for nodeclass. */
  readonly key: string;
  /** Only in a message that a reconciler requeued for itself: its requeueAt, in ms since the epoch. Ignored if that was changed since. */
  readonly at?: number;
}

export type ReconcilerKind = "demand" | "pool" | "nodeclass";
