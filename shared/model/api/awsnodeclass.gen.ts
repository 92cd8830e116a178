// Generated from crds/awsnodeclasses.yaml by `npm run generate`. Do not edit.

/**
 * What to launch.
 */
export interface AWSNodeClassSpec {
  /**
   * Instance type of the pools' instances, e.g. m5.large. Use instanceTypes to add alternatives for when EC2 has no capacity for it.
   */
  instanceType: string;
  /**
   * Instance types to launch, in order of preference; the first must be instanceType. A type is launched, and stopped instances are changed to it, only where EC2 has no capacity for the types before it. Defaults to instanceType alone.
   */
  instanceTypes?: string[];
  /**
   * The operating system for which Stratos generates user data.
   */
  bootstrapTemplate?: "AL2023" | "AL2" | "Bottlerocket";
  /**
   * Your own script, sent unchanged, at most 16 KiB. It must join the cluster and, with completionMode SelfStop, power off once the node is warm.
   */
  userData?: string;
  /**
   * Additional user data for a bootstrapTemplate: a script that runs before the kubelet starts or a #cloud-config (AL2, AL2023), a NodeConfig (AL2023), or TOML that is merged into the settings (Bottlerocket).
   */
  customUserData?: string;
  /**
   * Region of the instances. It must be the cluster's region, which is the default.
   */
  region?: string;
  /**
   * Processor architecture of the image that a bootstrapTemplate or an amiSelector finds.
   */
  architecture?: "x86_64" | "arm64";
  /**
   * Image to launch. With neither ami nor amiSelector, it is the EKS-optimized image for the bootstrapTemplate, architecture and cluster version.
   */
  ami?: string;
  /**
   * Finds the image; the newest match wins.
   */
  amiSelector?: {
    /**
     * Tags that must all match; values may contain the wildcards * and ?.
     */
    tags?: {
      [k: string]: string;
    };
    /**
     * Name of the image; it may contain the wildcards * and ?.
     */
    name?: string;
    /**
     * Account id, or self, amazon or aws-marketplace. Defaults to self and amazon, so that a public image of another account is never selected by its name.
     */
    owner?: string;
  };
  /**
   * Subnets of the instances. Instances are spread over the subnets' zones.
   */
  subnetIds?: string[];
  /**
   * Finds the subnets; all matches are used.
   */
  subnetSelector?: {
    /**
     * Tags that must all match; values may contain the wildcards * and ?.
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
   * Finds the security groups; all matches in the subnets' VPC are attached.
   */
  securityGroupSelector?: {
    /**
     * Tags that must all match; values may contain the wildcards * and ?.
     */
    tags?: {
      [k: string]: string;
    };
    /**
     * Name of the group; it may contain the wildcards * and ?.
     */
    name?: string;
  };
  /**
   * Name or ARN of an existing instance profile.
   */
  iamInstanceProfile?: string;
  /**
   * Name (not ARN) of the nodes' IAM role. Stratos manages an instance profile for it and deletes the profile with the class.
   */
  role?: string;
  /**
   * Instance metadata service (IMDS) of the instances.
   */
  metadataOptions?: {
    /**
     * Whether requests need a session token (IMDSv2).
     */
    httpTokens?: "required" | "optional";
    /**
     * Maximum network hops of a token; pods outside the host network need 2.
     */
    httpPutResponseHopLimit?: number;
    /**
     * Whether the service is enabled.
     */
    httpEndpoint?: "enabled" | "disabled";
  };
  /**
   * Kubelet settings, written into the user data of a bootstrapTemplate.
   */
  kubelet?: {
    /**
     * Maximum pods per node. Defaults to the number that the node's network interfaces have addresses for.
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
     * Additional kubelet arguments, each as --name or --name=value, without spaces and quotes.
     */
    extraArgs?: string[];
  };
  /**
   * Volumes of the instances. For a volume of the image, fields that are not set keep the image's values.
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
     * Whether the volume is encrypted. Defaults to the account's setting and the snapshot.
     */
    encrypted?: boolean;
    /**
     * I/O operations per second, for gp3, io1 and io2.
     */
    iops?: number;
    /**
     * Throughput in MiB/s, for gp3.
     */
    throughput?: number;
    /**
     * Id, alias or ARN of the key of an encrypted volume; the functions that launch and start instances must be allowed to use it. Defaults to the account's key for EBS.
     */
    kmsKeyId?: string;
    /**
     * Snapshot from which the volume is created.
     */
    snapshotId?: string;
    /**
     * Rate in MiB/s at which EC2 reads the snapshot's blocks into the volume. Without it, each block is read when it is first used.
     */
    volumeInitializationRate?: number;
    /**
     * Whether the volume is deleted with its instance, which is the default. A volume that stays costs money.
     */
    deleteOnTermination?: boolean;
  }[];
  /**
   * On-Demand Capacity Reservation of the instances. Defaults to any matching open one.
   */
  capacityReservation?: {
    /**
     * Id of the reservation to launch into.
     */
    id?: string;
    /**
     * ARN of a resource group of reservations.
     */
    resourceGroupArn?: string;
    /**
     * open: use any matching open reservation, otherwise launch on demand. none: never use a reservation. capacity-reservations-only: launch only into a matching reservation.
     */
    preference?: "open" | "none" | "capacity-reservations-only";
  };
  /**
   * Whether instances run on hardware that is dedicated to this account.
   */
  tenancy?: "default" | "dedicated";
  /**
   * Name of the placement group to launch into; the id of one that another account shares.
   */
  placementGroup?: string;
  /**
   * Launches instances with hibernation enabled. blockDeviceMappings must have the image's root device, encrypted and larger than the memory.
   */
  hibernation?: boolean;
  /**
   * Tags for instances, volumes and network interfaces. They never override Stratos's own tags.
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
     * How EC2 Fleet chooses types and zones.
     */
    allocationStrategy?:
      | "price-capacity-optimized"
      | "capacity-optimized"
      | "capacity-optimized-prioritized"
      | "diversified"
      | "lowest-price";
    /**
     * Maximum price in US dollars per hour. Defaults to the on-demand price.
     */
    maxPrice?: string;
  };
}

/**
 * The resolved AWS resources. The last good values are kept during transient failures.
 */
export interface AWSNodeClassStatus {
  /**
   * The generation of the spec that this status is about.
   */
  observedGeneration?: number;
  /**
   * Number of NodePools that use this class.
   */
  nodePoolCount?: number;
  /**
   * Id of the resolved image.
   */
  resolvedAMI?: string;
  /**
   * Subnets, sorted by id.
   */
  resolvedSubnets?: {
    id: string;
    zone: string;
    /**
     * Free IP addresses; stopped instances keep theirs.
     */
    freeAddresses?: number;
  }[];
  /**
   * Security groups, sorted by id.
   */
  resolvedSecurityGroups?: {
    id: string;
    name: string;
  }[];
  /**
   * Name or ARN of the instance profile.
   */
  resolvedInstanceProfile?: string;
  resolvedLaunchTemplateID?: string;
  /**
   * Estimated allocatable resources of a node of instanceType, by resource name; used until such a node exists.
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
