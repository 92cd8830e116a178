/**
 * Events on EventBridge and messages on SQS. They only name a key to reconcile; the reconciler reads the state itself.
 * The forwarder sends its events to the custom bus; their `detail` always has `cluster`.
 */

export const FORWARDER_SOURCE_PREFIX = "stratos.forwarder/";

/**
 * The source of the events of a cluster's forwarder. A forwarder's role may send from the source of its own cluster only, so the source, not
 * the event's detail, says which cluster an event is about.
 */
export const forwarderSource = (cluster: string): string => `${FORWARDER_SOURCE_PREFIX}${cluster}`;

export const clusterOfSource = (source: string): string => source.slice(FORWARDER_SOURCE_PREFIX.length);

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

/** The body of the SQS messages that EventBridge rules send for the forwarder's events. */
export interface ForwardedMessage {
  /** `forwarderSource(cluster)`. */
  readonly source: string;
  /** Of the pool or node class; absent for demand. */
  readonly name?: string;
}

/** The body of the SQS messages that functions and the sweep send. */
export interface WakeMessage {
  /** `cluster` for demand, `cluster/pool` for pool, `cluster/class` for nodeclass. */
  readonly key: string;
  /** Only in a message that a reconciler requeued for itself: its requeueAt, in ms since the epoch. Ignored if that was changed since. */
  readonly at?: number;
}

export type ReconcilerKind = "demand" | "pool" | "nodeclass";
