/** All names that Stratos writes to Kubernetes and AWS objects: labels, annotations, taints, tags, finalizers. */

export const API_GROUP = "stratos.sh";
export const API_VERSION = "v1alpha1";

export const LABEL = {
  pool: "stratos.sh/pool",
  state: "stratos.sh/state",
  instanceId: "stratos.sh/instance-id",
  /** Unix seconds. */
  stateSince: "stratos.sh/state-since",
  capacityType: "stratos.sh/capacity-type",
  /** Its presence keeps a node out of the load balancers of Services. Source: k8s.io/api/core/v1, well_known_labels.go. */
  excludeFromLoadBalancers: "node.kubernetes.io/exclude-from-external-load-balancers",
} as const;

/** Values are RFC 3339 times, except for `spotReplacingNode` (a node name), `warmupOutcome`, `diskUsedPercent`, `ownTaints`, `ownLabels`, `keptTaints` and `hold`. */
export const ANNOTATION = {
  warmupCompleted: "stratos.sh/warmup-completed",
  /** Set by the node's own warmup script: `Succeeded`, or `Failed: ` and the reason. Absent if the user data reports nothing. */
  warmupOutcome: "stratos.sh/warmup-outcome",
  /** The taints that Stratos has added to a standby node, as `key:effect,key:effect`. */
  ownTaints: "stratos.sh/own-taints",
  /** The keys of the labels that Stratos has given the node and takes off again when nothing asks for them, separated by commas. */
  ownLabels: "stratos.sh/own-labels",
  /**
   * The taints of others that a node had when it last left service, in the same form. Whatever others add while it is out of service, such as
   * agents that do not run on a stopped node, keeps no pod from being planned there.
   */
  keptTaints: "stratos.sh/kept-taints",
  /** Set on a node that left service with a cordon by hand; until somebody takes it off, the node is not started. */
  hold: "stratos.sh/hold",
  /** Set by anybody, with any value: the node is replaced once it is empty. */
  retire: "stratos.sh/retire",
  /** How full the disk with the node's images is, in percent; written by whoever knows, for example the node itself. */
  diskUsedPercent: "stratos.sh/disk-used-percent",
  /** On a pod, as `true`: it is not to be disturbed. See PROTECTING_ANNOTATIONS. */
  doNotDisrupt: "stratos.sh/do-not-disrupt",
  lastStarted: "stratos.sh/last-started",
  scaleUpStarted: "stratos.sh/scale-up-started",
  scaleDownCandidateSince: "stratos.sh/scale-down-candidate-since",
  spotReplacementStarted: "stratos.sh/spot-replacement-started",
  spotReplacingNode: "stratos.sh/spot-replacing-node",
} as const;

export const TAG = {
  managedBy: "managed-by",
  cluster: "stratos.sh/cluster",
  pool: "stratos.sh/pool",
  state: "stratos.sh/state",
  capacityType: "stratos.sh/capacity-type",
  replacingNode: "stratos.sh/replacing-node",
  /** Fingerprint of the launch configuration, see shared/nodeclass/launch-fingerprint.ts. */
  fingerprint: "stratos.sh/fingerprint",
  name: "Name",
} as const;

export const MANAGED_BY = "stratos";

/** The tag by which Kubernetes' cloud providers, and load balancer controllers, find a cluster's instances (cloud-provider-aws, pkg/providers/v1/tags.go). */
export const clusterTag = (cluster: string): string => `kubernetes.io/cluster/${cluster}`;

export const TAINT = {
  standby: { key: "stratos.sh/standby", effect: "NoExecute" },
  notReady: { key: "stratos.sh/not-ready", value: "true", effect: "NoSchedule" },
  /** Added to cordoned nodes by the node lifecycle controller (kubernetes, TaintNodeUnschedulable). */
  unschedulable: { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" },
  /** Added to stopped nodes by the cloud controller manager (kubernetes/cloud-provider, node_lifecycle_controller). */
  shutdown: { key: "node.cloudprovider.kubernetes.io/shutdown", effect: "NoSchedule" },
  /** On a node until the cloud controller manager has initialized it (kubernetes/cloud-provider, node_controller). */
  uninitialized: { key: "node.cloudprovider.kubernetes.io/uninitialized", value: "true", effect: "NoSchedule" },
} as const;

export const FINALIZER = {
  nodePool: "stratos.sh/nodepool-finalizer",
  classInUse: "stratos.sh/in-use",
  classInstanceProfile: "stratos.sh/instance-profile",
} as const;
