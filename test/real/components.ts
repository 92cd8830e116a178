/** The parts of a control plane around its API server, unmodified, each with its own identity. */
import { writeFileSync } from "node:fs";
import { stringify } from "yaml";
import { kubeconfigOf } from "../../local/environment/kubeconfig.ts";
import type { ControlPlane, Identity } from "../contract/control-plane.ts";
import { type GuardedProcess, startGuarded } from "../contract/guarded-process.ts";
import { findProgram } from "../contract/programs.ts";

export const SCHEDULER = "system:kube-scheduler";
const CONTROLLER_MANAGER = "system:kube-controller-manager";
export const CLOUD_CONTROLLER = "cloud-controller-manager";

/** The first two are bound to their roles by the API server itself; a cloud's controllers bring their own, which is not at issue here. */
export const COMPONENT_IDENTITIES: readonly Identity[] = [
  { user: SCHEDULER, groups: [] },
  { user: CONTROLLER_MANAGER, groups: [] },
  { user: CLOUD_CONTROLLER, groups: ["system:masters"] },
];

export interface CoreSurroundings {
  readonly controlPlane: ControlPlane;
  readonly directory: string;
}

export interface ComponentSurroundings extends CoreSurroundings {
  readonly clusterName: string;
  /** Where the cloud-controller-manager finds EC2. */
  readonly awsUrl: string;
}

/** Ready turns Unknown so soon after a node's last sign; kubelet renews its lease each 10 s. */
const GRACE = "12s";

const cloudConfig = (awsUrl: string): string =>
  [
    "[Global]",
    "Zone=us-east-1a",
    "VPC=vpc-12345678",
    "SubnetID=subnet-12345678",
    "KubernetesClusterID=my-cluster",
    "DisableSecurityGroupIngress=true",
    '[ServiceOverride "1"]',
    "Service=EC2",
    "Region=us-east-1",
    `URL=${awsUrl}`,
    "SigningRegion=us-east-1",
    "",
  ].join("\n");

/** Writes a kubeconfig that only its owner can read; its path. */
export const writeKubeconfigOf = (
  { endpoint, ca }: Pick<ControlPlane, "endpoint" | "ca">,
  directory: string,
  name: string,
  token: string,
): string => {
  const path = `${directory}/${name}.kubeconfig`;
  const config = kubeconfigOf({ clusterName: "my-cluster", url: endpoint, caPem: ca, token });
  writeFileSync(path, stringify(config), { mode: 0o600 });
  return path;
};

/** Starts the program as that user. Nobody asks it anything, so it needs no port. */
const startAs = (
  { controlPlane, directory }: CoreSurroundings,
  name: string,
  user: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): GuardedProcess => {
  const kubeconfig = writeKubeconfigOf(controlPlane, directory, name, controlPlane.tokenOf(user));
  const common = ["--kubeconfig", kubeconfig, "--leader-elect=false", "--secure-port=0"];
  return startGuarded(findProgram(name), [...common, ...args], `${directory}/${name}.log`, env);
};

/** Scheduler and controller-manager; throws if one of the programs is missing. */
export const startCoreComponents = (surroundings: CoreSurroundings): readonly GuardedProcess[] => [
  startAs(surroundings, "kube-scheduler", SCHEDULER, []),
  startAs(surroundings, "kube-controller-manager", CONTROLLER_MANAGER, [
    ...["--service-account-private-key-file", `${surroundings.controlPlane.directory}/sa.key`],
    ...["--use-service-account-credentials", "--node-monitor-period=1s", `--node-monitor-grace-period=${GRACE}`],
    // Made if it does not exist, by default in a folder of the system.
    ...["--flex-volume-plugin-dir", `${surroundings.directory}/flexvolume`],
  ]),
];

/** Those and the cloud-controller-manager. */
export const startComponents = (surroundings: ComponentSurroundings): readonly GuardedProcess[] => {
  const { clusterName, awsUrl, directory } = surroundings;
  const cloudConfigFile = `${directory}/cloud.conf`;
  writeFileSync(cloudConfigFile, cloudConfig(awsUrl));
  return [
    ...startCoreComponents(surroundings),
    startAs(
      surroundings,
      "aws-cloud-controller-manager",
      CLOUD_CONTROLLER,
      [
        ...["--cloud-provider=aws", "--cloud-config", cloudConfigFile, "--cluster-name", clusterName],
        ...["--controllers=cloud-node,cloud-node-lifecycle", "--configure-cloud-routes=false"],
        "--node-monitor-period=1s",
      ],
      { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test", AWS_REGION: "us-east-1" },
    ),
  ];
};
