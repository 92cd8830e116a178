// Generated from crds/nodepools.yaml by `npm run generate`. Do not edit.

/**
 * What the pool should be.
 */
export interface NodePoolSpec {
  /**
   * Hard cap on the pool's instances in every state. Only a spot instance that is replacing an on-demand one may exceed it, one for one, while both live.
   */
  poolSize: number;
  /**
   * Stopped instances to keep ready, as far as poolSize leaves room for them.
   */
  minStandby: number;
  /**
   * While true, nothing is begun: no launch, no start, no scale-down, no replacement. What is under way is finished, and what runs stays.
   */
  paused?: boolean;
  /**
   * While true, nothing at all is done to instances and nodes; what would be done is listed in status.plan.
   */
  dryRun?: boolean;
  /**
   * Which pool starts nodes for pods that several could run: the one of greatest weight, and of equal ones the one that needs fewest nodes.
   */
  weight?: number;
  /**
   * How often the pool is reconciled without any event; a duration of at least 5s.
   */
  reconciliationInterval?: string;
  /**
   * A node that runs longer than this duration is drained and stopped. Absent or "0" is never.
   */
  maxNodeRuntime?: string;
  /**
   * What the pool's nodes are made of and look like.
   */
  template: {
    /**
     * The node class that says how instances are launched.
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
     * Labels of the node. The label stratos.sh/pool is added by Stratos.
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
     * Taints that the node registers with, kept until its network is ready and put back for each return to standby.
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
     * Taint: the node carries stratos.sh/not-ready=true:NoSchedule until its network is ready. None: it does not.
     */
    networkReadinessStrategy?: "Taint" | "None";
    /**
     * Labels of the network plugin's pod on each node, as k8s-app: aws-node. Where given, a node's network is ready only once such a pod on it is Ready.
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
     * Longest time from launch to standby; a duration above 0.
     */
    timeout?: string;
    /**
     * What happens on timeout. stop: force-stop into standby if the node ever registered, else terminate and replace. terminate: terminate and replace.
     */
    timeoutAction?: "stop" | "terminate";
    /**
     * Who stops a warm instance. SelfStop: its user data powers it off. ControllerStop: Stratos stops it once the node is Ready. Absent: ControllerStop for Bottlerocket, else SelfStop.
     */
    completionMode?: "SelfStop" | "ControllerStop";
    /**
     * Images to pull during warmup, besides those of DaemonSets that run on the node.
     */
    images?: string[];
    /**
     * Required: an image that cannot be pulled fails the warmup. BestEffort: the instance becomes standby without it.
     */
    imagePullPolicy?: "Required" | "BestEffort";
    /**
     * Standby that was warmed up longer ago than this duration is replaced. Absent or "0" is never; what was made from an outdated image, user data, list of images or node class is replaced in any case.
     */
    maxAge?: string;
    /**
     * How outdated standby is replaced.
     */
    refresh?: {
      /**
       * How many are replaced at a time. The new ones come first where poolSize leaves room for them, else standby may be short by so many meanwhile. 0: outdated standby stays until it is replaced by hand.
       */
      maxUnavailable?: number;
    };
  };
  /**
   * What is left of an instance in the cluster while it is stopped.
   */
  standby?: {
    /**
     * Keep: the node object stays, cordoned and tainted, and the next start is quicker. Delete: it goes, and kubelet registers the node anew on each start; for pools so large that their NotReady nodes would slow the cluster's own failover.
     */
    nodeObject?: "Keep" | "Delete";
  };
  /**
   * How demand is counted and answered.
   */
  scaleUp?: {
    /**
     * How long a started node may take to become Ready; a duration above 0. Then its instance is stopped by force and started once more; if that does not help either, it is replaced.
     */
    startTimeout?: string;
    /**
     * What becomes of pods that standby cannot serve, while poolSize allows more. Launch: instances are launched for them at once; they serve as soon as they are Ready or, where they power themselves off after their warmup, once they have been standby. None: the pods wait until standby is replenished.
     */
    overflow?: "Launch" | "None";
    /**
     * What a pod without requests counts as.
     */
    defaultPodResources?: {
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
     * How long a node is empty (no pods but DaemonSet, mirror and finished ones) before it returns to standby.
     */
    emptyNodeTTL?: string;
    /**
     * How long standby beyond minStandby, as it is left by a burst or by lowering minStandby, is kept for the next burst before it is terminated, one at a time. "0" is at once.
     */
    surplusStandbyTTL?: string;
    /**
     * How long evictions are tried before the remaining pods are deleted with their grace period; an event names them.
     */
    drainTimeout?: string;
  };
  /**
   * Replaces on-demand nodes by spot ones. Needs spotConfig on the node class.
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
 * What the pool is, as last observed.
 */
export interface NodePoolStatus {
  /**
   * The generation of the spec that this status is about.
   */
  observedGeneration?: number;
  /**
   * Instances being warmed up.
   */
  warmup?: number;
  /**
   * Stopped instances, ready to start.
   */
  standby?: number;
  /**
   * Instances that run, or start, for pods.
   */
  running?: number;
  /**
   * Instances on their way back to standby.
   */
  stopping?: number;
  /**
   * Instances in every state.
   */
  total?: number;
  /**
   * The effective standby target: minStandby, unless running and stopping instances leave room in poolSize for fewer.
   */
  desiredStandby?: number;
  /**
   * Those of standby that are outdated, because their node class or list of images has changed since or because of preWarm.maxAge.
   */
  stale?: number;
  /**
   * When the pool was last looked at to the end.
   */
  lastReconcileTime?: string;
  /**
   * What would be done now, if it were not for spec.dryRun; absent without it.
   */
  plan?: string[];
  /**
   * Ready, Degraded, Reconciling, ScaleUpInProgress, ScaleDownInProgress, StandbyShareHigh, Paused.
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
