// Generated from crds/awsnodeclasses.yaml by `npm run generate`. Do not edit.

/**
 * What to launch.
 */
export interface AWSNodeClassSpec {
  /**
   * Instance type of the pools' instances, e.g. m5.large. Others, for when EC2 has no capacity for it, are in instanceTypes.
   */
  instanceType: string;
  /**
   * Instance types to launch, the most wanted first, which is instanceType itself. One is only launched where EC2 has no capacity for those before it. Absent: instanceType alone.
   */
  instanceTypes?: string[];
  /**
   * The operating system that Stratos writes user data for.
   */
  bootstrapTemplate?: "AL2023" | "AL2" | "Bottlerocket";
  /**
   * A script of your own, sent as it is, at most 16 KiB. It must join the cluster and, with completionMode SelfStop, power off once the node is warm.
   */
  userData?: string;
  /**
   * With a bootstrapTemplate, what a node is told besides: a script that runs before the kubelet starts or a #cloud-config (AL2, AL2023), a NodeConfig (AL2023), or TOML that is merged into the settings (Bottlerocket).
   */
  customUserData?: string;
  /**
   * Region of the instances. It must be the cluster's, which is the default.
   */
  region?: string;
  /**
   * Processor architecture of the image that a bootstrapTemplate or an amiSelector finds.
   */
  architecture?: "x86_64" | "arm64";
  /**
   * Image to launch. With neither ami nor amiSelector it is the EKS-optimized image of the bootstrapTemplate, architecture and cluster version.
   */
  ami?: string;
  /**
   * Finds the image; the newest match wins.
   */
  amiSelector?: {
    /**
     * Tags that must all match; a value may hold the wildcards * and ?.
     */
    tags?: {
      [k: string]: string;
    };
    /**
     * Name of the image; it may hold the wildcards * and ?.
     */
    name?: string;
    /**
     * Account id, or self, amazon or aws-marketplace. By default only self and amazon, so that a stranger's public image is never found by its name.
     */
    owner?: string;
  };
  /**
   * Subnets of the instances, which spread over their zones.
   */
  subnetIds?: string[];
  /**
   * Finds the subnets; all matches are used.
   */
  subnetSelector?: {
    /**
     * Tags that must all match; a value may hold the wildcards * and ?.
     */
    tags: {
      [k: string]: string;
    };
  };
  /**
   * Security groups of the instances.
   */
  securityGroupIds?: string[];
  /**
   * Finds the security groups; all matches are attached.
   */
  securityGroupSelector?: {
    /**
     * Tags that must all match; a value may hold the wildcards * and ?.
     */
    tags?: {
      [k: string]: string;
    };
    /**
     * Name of the group; it may hold the wildcards * and ?.
     */
    name?: string;
  };
  /**
   * Name or ARN of an instance profile of your own.
   */
  iamInstanceProfile?: string;
  /**
   * Name (not ARN) of the nodes' IAM role. Stratos keeps an instance profile for it and deletes that with the class.
   */
  role?: string;
  /**
   * Instance metadata service (IMDS) of the instances.
   */
  metadataOptions?: {
    /**
     * Whether requests need a session token, that is, IMDSv2.
     */
    httpTokens?: "required" | "optional";
    /**
     * Network hops that a token may travel; pods outside the host network need 2.
     */
    httpPutResponseHopLimit?: number;
    /**
     * Whether the service can be reached at all.
     */
    httpEndpoint?: "enabled" | "disabled";
  };
  /**
   * Settings of the kubelet, written into the user data of a bootstrapTemplate.
   */
  kubelet?: {
    /**
     * Most pods of a node; by default what its network interfaces have addresses for.
     */
    maxPods?: number;
    /**
     * Labels that the kubelet registers the node with.
     */
    nodeLabels?: {
      [k: string]: string;
    };
    /**
     * Taints that the kubelet registers the node with.
     */
    nodeTaints?: {
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
     * Further arguments of the kubelet, each as --name=value, without spaces and quotes.
     */
    extraArgs?: string[];
  };
  /**
   * Volumes of the instances. What is not said about a volume of the image stays as the image has it.
   */
  blockDeviceMappings?: {
    /**
     * Name of the device, e.g. /dev/xvda.
     */
    deviceName: string;
    /**
     * Size in GiB.
     */
    volumeSize?: number;
    /**
     * EBS volume type.
     */
    volumeType?: "gp3" | "gp2" | "io1" | "io2";
    /**
     * Whether the volume is encrypted; by default as the account's setting and the snapshot have it.
     */
    encrypted?: boolean;
    /**
     * Operations per second, for gp3, io1 and io2.
     */
    iops?: number;
    /**
     * MiB per second, for gp3.
     */
    throughput?: number;
  }[];
  /**
   * On-Demand Capacity Reservation of the instances; by default any open one that matches.
   */
  capacityReservation?: {
    /**
     * Id of the one reservation to launch into.
     */
    id?: string;
    /**
     * ARN of a resource group of reservations.
     */
    resourceGroupArn?: string;
    /**
     * open: any matching open reservation, else on demand. none: never a reservation. capacity-reservations-only: a matching reservation or no launch.
     */
    preference?: "open" | "none" | "capacity-reservations-only";
  };
  /**
   * Whether instances run on hardware of this account's own.
   */
  tenancy?: "default" | "dedicated";
  /**
   * Name of the placement group to launch into.
   */
  placementGroup?: string;
  /**
   * Launches instances that can hibernate. The first of blockDeviceMappings must be the root volume, encrypted and larger than the memory.
   */
  hibernation?: boolean;
  /**
   * Tags of instances and volumes. They never override Stratos's own.
   */
  tags?: {
    [k: string]: string;
  };
  /**
   * How spot instances are requested, for pools with spotReplacement.
   */
  spotConfig?: {
    /**
     * Instance types to choose from.
     */
    instanceTypes: string[];
    /**
     * How EC2 Fleet chooses among types and zones.
     */
    allocationStrategy?:
      | "price-capacity-optimized"
      | "capacity-optimized"
      | "capacity-optimized-prioritized"
      | "diversified"
      | "lowest-price";
    /**
     * Highest price in US dollars an hour; by default the on-demand price.
     */
    maxPrice?: string;
  };
}

/**
 * What the class was resolved to. A transient failure keeps the last good values.
 */
export interface AWSNodeClassStatus {
  /**
   * The generation of the spec that this status is about.
   */
  observedGeneration?: number;
  /**
   * NodePools that refer to this class.
   */
  nodePoolCount?: number;
  /**
   * Id of the image.
   */
  resolvedAMI?: string;
  /**
   * Subnets, in the order of their ids.
   */
  resolvedSubnets?: {
    id: string;
    zone: string;
    /**
     * Addresses that nothing has taken; a stopped instance keeps its own.
     */
    freeAddresses?: number;
  }[];
  /**
   * Security groups, in the order of their ids.
   */
  resolvedSecurityGroups?: {
    id: string;
    name: string;
  }[];
  /**
   * Name or ARN.
   */
  resolvedInstanceProfile?: string;
  resolvedLaunchTemplateID?: string;
  /**
   * What a node of instanceType is expected to offer to pods, by resource name, until there is a node that tells itself.
   */
  estimatedAllocatable?: {
    [k: string]: string;
  };
  /**
   * Valid, InUse, AMIReady, SubnetsReady, SecurityGroupsReady, InstanceProfileReady, Ready.
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
