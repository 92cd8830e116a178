// Generated from crds/nodepools.yaml by `npm run generate`. Do not edit.

/**
 * The desired state of the pool.
 */
export interface NodePoolSpec {
  /**
   * Maximum number of the pool's instances in all states. Only a spot instance that replaces an on-demand instance may exceed it, one for one, while both exist.
   */
  poolSize: number;
  /**
   * Number of stopped instances to keep ready, within poolSize.
   */
  minStandby: number;
  /**
   * While true, Stratos begins nothing new: no launch, start, scale-down or replacement. Transitions that have begun are completed, and running nodes keep running.
   */
  paused?: boolean;
  /**
   * While true, Stratos changes no instances and nodes; status.plan lists what it would do.
   */
  dryRun?: boolean;
  /**
   * Priority among pools that could run the same pods: the pool with the highest weight starts the nodes. With equal weights, the pool that needs the fewest nodes does.
   */
  weight?: number;
  /**
   * How often the pool is reconciled without an event; a duration of at least 5s.
   */
  reconciliationInterval?: string;
  /**
   * Nodes that run longer than this duration are drained and stopped, a few at a time, when standby can take their pods. Absent or "0" means never.
   */
  maxNodeRuntime?: string;
  /**
   * Template for the pool's instances and nodes.
   */
  template: {
    /**
     * Not supported; nodeClassRef.kind says which cloud it is.
     */
    cloudProvider?: string;
    /**
     * The node class that defines how instances are launched.
     */
    nodeClassRef: {
      /**
       * Kind of the node class.
       */
      kind: "AWSNodeClass";
      /**
       * Name of the node class.
       */
      name: string;
    };
    /**
     * Labels of the node. Stratos adds the label stratos.sh/pool. Labels that tell what the node is, such as its zone and instance type, come from the node itself.
     */
    labels?: {
      [k: string]: string;
    };
    /**
     * Permanent taints of the node.
     */
    taints?: {
      /**
       * Key of the taint.
       */
      key: string;
      /**
       * Value of the taint.
       */
      value?: string;
      /**
       * What the taint does to pods that do not tolerate it.
       */
      effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
    }[];
    /**
     * Taints that the node registers with. They are removed as startupTaintRemoval says and restored on each return to standby.
     */
    startupTaints?: {
      /**
       * Key of the taint.
       */
      key: string;
      /**
       * Value of the taint.
       */
      value?: string;
      /**
       * What the taint does to pods that do not tolerate it.
       */
      effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
    }[];
    /**
     * Who removes the startupTaints. WhenNetworkReady: Stratos, once the node's network is ready. External: somebody else, such as the network plugin's operator; Stratos only restores them on each return to standby.
     */
    startupTaintRemoval?: "WhenNetworkReady" | "External";
    /**
     * Taint: the node has the taint stratos.sh/not-ready=true:NoSchedule until its network is ready. None: no such taint, and nothing waits for more than a Ready node.
     */
    networkReadinessStrategy?: "Taint" | "None";
    /**
     * Labels of the network plugin's pod on each node, for a plugin other than the VPC CNI, Cilium and Calico, whose pods are found by their DaemonSets.
     */
    networkPodSelector?: {
      [k: string]: string;
    };
  };
  /**
   * How new instances are prepared before they become standby.
   */
  preWarm?: {
    /**
     * Not supported; use images.
     */
    imagesToPull?: string[];
    /**
     * Maximum time from launch to standby; a duration above 0.
     */
    timeout?: string;
    /**
     * What happens on timeout. stop: force-stop into standby if the node has registered, otherwise terminate and replace. terminate: terminate and replace.
     */
    timeoutAction?: "stop" | "terminate";
    /**
     * Who stops a warm instance. SelfStop: its user data powers it off. ControllerStop: Stratos stops it once the node is Ready. Defaults to ControllerStop for Bottlerocket, otherwise SelfStop.
     */
    completionMode?: "SelfStop" | "ControllerStop";
    /**
     * Images to pull during warmup, in addition to those of DaemonSets that run on the node.
     */
    images?: string[];
    /**
     * Namespaces, besides kube-system, to whose DaemonSets' images imagePullPolicy applies. Those of other DaemonSets are pulled with BestEffort.
     */
    requiredNamespaces?: string[];
    /**
     * Required: an image that cannot be pulled fails the warmup. BestEffort: the instance becomes standby without it.
     */
    imagePullPolicy?: "Required" | "BestEffort";
    /**
     * Standby instances that were warmed up longer ago than this are replaced. Absent or "0" means never. Standby instances that have drifted (image, user data, list of images or node class) are replaced in any case.
     */
    maxAge?: string;
    /**
     * How drifted or expired standby instances are replaced.
     */
    refresh?: {
      /**
       * How many instances are replaced at a time. Replacements are launched first if poolSize has room for them; otherwise standby may be short by this number meanwhile. 0 disables replacement: terminate outdated instances by hand.
       */
      maxUnavailable?: number;
    };
  };
  /**
   * What remains of an instance in the cluster while it is stopped.
   */
  standby?: {
    /**
     * Keep: the node object stays, cordoned and tainted, and starts are faster. Delete: the node object is deleted, and the kubelet registers the node again on each start; for pools so large that their NotReady nodes would slow down the cluster's own failover.
     */
    nodeObject?: "Keep" | "Delete";
  };
  /**
   * How demand is counted and served.
   */
  scaleUp?: {
    /**
     * Maximum time for a started node to become Ready; a duration above 0. After that, the instance is force-stopped and started once more; if that fails too, it is replaced.
     */
    startTimeout?: string;
    /**
     * What happens to pods that standby cannot serve while poolSize has room. Launch: instances are launched for them immediately; they serve once they are Ready or, if they power themselves off after warmup, once they have been standby. None: the pods wait until standby is replenished.
     */
    overflow?: "Launch" | "None";
    /**
     * Resources assumed for a pod without requests.
     */
    defaultPodResources?: {
      /**
       * Quantities by resource name; they count as requests of resources that requests does not name.
       */
      limits?: {
        [k: string]: number | string;
      };
      /**
       * Quantities by resource name, as in a container's resources.requests.
       */
      requests?: {
        [k: string]: number | string;
      };
    };
  };
  /**
   * When and how nodes return to standby.
   */
  scaleDown?: {
    /**
     * Whether empty nodes return to standby.
     */
    enabled?: boolean;
    /**
     * How long a node must be empty (only DaemonSet, mirror and finished pods) before it returns to standby.
     */
    emptyNodeTTL?: string;
    /**
     * How long standby beyond minStandby, left by a burst or a lowered minStandby, is kept for the next burst before it is terminated, one instance at a time. "0" means immediately.
     */
    surplusStandbyTTL?: string;
    /**
     * How long evictions are retried before the remaining pods are deleted with their grace period; an event names these pods.
     */
    drainTimeout?: string;
  };
  /**
   * How nodes that have pods are taken out of service.
   */
  disruption?: {
    /**
     * How many running nodes are drained at once because of maxNodeRuntime: a number, or a percentage of the running nodes, rounded up. Empty nodes do not count.
     */
    maxUnavailable?: number | string;
    /**
     * How long a node that is drained because of maxNodeRuntime waits, cordoned, for pods that ask not to be disturbed: those with the annotation stratos.sh/do-not-disrupt or karpenter.sh/do-not-disrupt "true", or cluster-autoscaler.kubernetes.io/safe-to-evict "false". "0s" means that no pod is protected.
     */
    protectedPodTimeout?: string;
    /**
     * A node that has gone into service this often is replaced when it is empty, so that nothing that its pods left behind lives longer. Absent means no limit. A node with the annotation stratos.sh/retire is replaced likewise.
     */
    maxReuses?: number;
    /**
     * A node whose disk is fuller than this percentage when it is empty is replaced instead of becoming standby again. How full it is is what the node's annotation stratos.sh/disk-used-percent says or, without it, the sizes of the images in the node's status, compared with its ephemeral storage. Absent means no limit.
     */
    maxDiskPercent?: number;
  };
  /**
   * Replaces on-demand nodes with spot nodes. Requires spotConfig on the node class.
   */
  spotReplacement?: {
    /**
     * Whether on-demand nodes are replaced.
     */
    enabled?: boolean;
    /**
     * How long an on-demand node runs before it is replaced.
     */
    replacementDelay?: string;
  };
}

/**
 * The last observed state of the pool.
 */
export interface NodePoolStatus {
  /**
   * The generation of the spec that this status is about.
   */
  observedGeneration?: number;
  /**
   * The newest generation of the spec that has had as much standby as it desires; Ready is not False for missing standby while this is the present one.
   */
  readyGeneration?: number;
  /**
   * Instances being warmed up.
   */
  warmup?: number;
  /**
   * Stopped instances, ready to start.
   */
  standby?: number;
  /**
   * Instances that are running or starting for pods.
   */
  running?: number;
  /**
   * Instances returning to standby.
   */
  stopping?: number;
  /**
   * Instances in all states.
   */
  total?: number;
  /**
   * Pods that wait for this pool: those that its starting nodes are for, and those that it could run if it had more nodes.
   */
  pendingPods?: number;
  /**
   * Pending pods for which no node is starting or being launched.
   */
  unservedPods?: number;
  /**
   * The reason of the condition Degraded; absent while that is False.
   */
  degradedReason?: string;
  /**
   * The effective standby target: minStandby, or fewer if running and stopping instances leave less room in poolSize.
   */
  desiredStandby?: number;
  /**
   * Standby instances that are due for replacement, because their node class or list of images has changed or because of preWarm.maxAge.
   */
  stale?: number;
  /**
   * When the status was last written. It is written when something in it changed, and at least every 5 minutes.
   */
  lastReconcileTime?: string;
  /**
   * The actions that spec.dryRun prevents; absent without dryRun.
   */
  plan?: string[];
  /**
   * Ready, StandbyAvailable, Degraded, Reconciling, ScaleUpInProgress, ScaleDownInProgress, StandbyShareHigh, Paused.
   */
  conditions?: {
    type: string;
    status: "True" | "False" | "Unknown";
    observedGeneration?: number;
    lastTransitionTime: string;
    reason: string;
    message: string;
  }[];
}
