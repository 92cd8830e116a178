/** Where the nodes of clusters differ. Without a profile they are those of a stock EKS cluster. */

/** A duration between `min` and `min + spread`. */
export interface Delay {
  readonly min: number;
  readonly spread: number;
}

/** A CSI driver whose DaemonSet runs on the cluster's nodes. */
export interface CsiDriver {
  readonly name: string;
  /** From Ready until its pod has registered the driver, in each boot. */
  readonly registersMs: Delay;
  /** How many volumes a node can have; unlimited by default. */
  readonly volumes?: number;
  /** The key of a taint that the driver takes off once it has registered. */
  readonly startupTaint?: string;
}

/** The EBS CSI driver as its chart installs it. It registers after Ready, as EFS's does (aws-efs-csi-driver#1936); how long after is a belief. */
export const EBS_CSI: CsiDriver = {
  name: "ebs.csi.aws.com",
  registersMs: { min: 5_000, spread: 10_000 },
  volumes: 26,
  startupTaint: "ebs.csi.aws.com/agent-not-ready",
};

/** The disk that holds a node's images. */
export interface ImageDisk {
  readonly diskBytes: number;
  readonly imageBytes: (image: string) => number;
}

export interface NodeProfile {
  /** Images fill no disk by default, so none is ever collected. */
  readonly imageDisk?: ImageDisk;
  /** None by default, as in a new cluster without add-ons. */
  readonly csiDrivers?: readonly CsiDriver[];
  /** From Ready until the pod of the device plugin has registered its devices with the kubelet. */
  readonly devicePluginMs?: Delay;
  /** From Ready, on the first boot from shortly before it, until DaemonSet pods on the host's network have their sandboxes. */
  readonly hostNetworkMs?: Delay;
  /** From then until DaemonSet pods that need the pod network have theirs. */
  readonly podNetworkMs?: Delay;
  /** From the registration of a node until the cloud-controller-manager has initialized it. */
  readonly initializeMs?: Delay;
  /** How far the cloud-controller-manager's view of instances lags behind EC2. */
  readonly instanceLagMs?: Delay;
}

/**
 * Autoscalers meet GPUs minutes after Ready (kubernetes/autoscaler#6707), as drivers load and the plugin's image is pulled. With both on the
 * disk, half a minute is a belief.
 */
const DEVICE_PLUGIN_MS: Delay = { min: 20_000, spread: 10_000 };
/**
 * After a reboot every sandbox is made again, and sandboxes in the pod network fail until the network plugin's agent answers
 * (amazon-vpc-cni-k8s#1322). Agents take dozens of seconds at times (amazon-vpc-cni-k8s#2808); these usual values are a belief.
 */
const HOST_NETWORK_MS: Delay = { min: 800, spread: 700 };
const POD_NETWORK_MS: Delay = { min: 3_000, spread: 4_000 };
/** The node controller acts on the node's creation; it calls DescribeInstances once for each node. A belief. */
const INITIALIZE_MS: Delay = { min: 500, spread: 1_000 };
/** DescribeInstances is eventually consistent (EC2 API, "Eventual consistency"). Usually it lags by less than 2 s: a belief. */
const INSTANCE_LAG_MS: Delay = { min: 0, spread: 2_000 };

export type NodeDelays = Required<Omit<NodeProfile, "imageDisk">> & Pick<NodeProfile, "imageDisk">;

export const nodeDelays = (profile: NodeProfile = {}): NodeDelays => ({
  csiDrivers: [],
  devicePluginMs: DEVICE_PLUGIN_MS,
  hostNetworkMs: HOST_NETWORK_MS,
  podNetworkMs: POD_NETWORK_MS,
  initializeMs: INITIALIZE_MS,
  instanceLagMs: INSTANCE_LAG_MS,
  ...profile,
});

export const pick = ({ min, spread }: Delay, random: () => number): number => min + random() * spread;
