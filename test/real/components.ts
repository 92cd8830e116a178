/** The unmodified control plane components other than the API server, each with its own identity. */
import { writeFileSync } from "node:fs";
import { stringify } from "yaml";
import { kubeconfigOf } from "../../local/environment/kubeconfig.ts";
import type { ControlPlane, Identity } from "../contract/control-plane.ts";
import { type GuardedProcess, startGuarded } from "../contract/guarded-process.ts";
import { findProgram } from "../contract/programs.ts";

export const SCHEDULER = "system:kube-scheduler";
const CONTROLLER_MANAGER = "system:kube-controller-manager";
export const CLOUD_CONTROLLER = "cloud-controller-manager";

/** The API server binds the first two to their roles. The cloud-controller-manager's own role is out of scope, so it gets all rights. */
export const COMPONENT_IDENTITIES: readonly Identity[] = [
  { user: SCHEDULER, groups: [] },
  { user: CONTROLLER_MANAGER, groups: [] },
  { user: CLOUD_CONTROLLER, groups: ["system:masters"] },
];

export interface CoreOptions {
  readonly controlPlane: ControlPlane;
  readonly directory: string;
}

export interface ComponentOptions extends CoreOptions {
  readonly clusterName: string;
  /** The EC2 endpoint of the cloud-controller-manager. */
  readonly awsUrl: string;
}

/** How long after a node's last heartbeat Ready turns Unknown; kubelet renews its lease every 10 s. */
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

/** Writes a kubeconfig that only its owner can read; returns its path. */
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

/** Starts the program as this user. Nothing connects to it, so it needs no port. */
const startAs = (
  { controlPlane, directory }: CoreOptions,
  name: string,
  user: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): GuardedProcess => {
  const kubeconfig = writeKubeconfigOf(controlPlane, directory, name, controlPlane.tokenOf(user));
  const common = ["--kubeconfig", kubeconfig, "--leader-elect=false", "--secure-port=0"];
  return startGuarded(findProgram(name), [...common, ...args], `${directory}/${name}.log`, env);
};

/** Starts kube-scheduler and kube-controller-manager; throws if one of the programs is missing. */
export const startCoreComponents = (options: CoreOptions): readonly GuardedProcess[] => [
  startAs(options, "kube-scheduler", SCHEDULER, []),
  startAs(options, "kube-controller-manager", CONTROLLER_MANAGER, [
    ...["--service-account-private-key-file", `${options.controlPlane.directory}/sa.key`],
    ...["--use-service-account-credentials", "--node-monitor-period=1s", `--node-monitor-grace-period=${GRACE}`],
    // Created if missing; the default is a system folder.
    ...["--flex-volume-plugin-dir", `${options.directory}/flexvolume`],
  ]),
];

/** Starts these and the cloud-controller-manager. */
export const startComponents = (options: ComponentOptions): readonly GuardedProcess[] => {
  const { clusterName, awsUrl, directory } = options;
  const cloudConfigFile = `${directory}/cloud.conf`;
  writeFileSync(cloudConfigFile, cloudConfig(awsUrl));
  return [
    ...startCoreComponents(options),
    startAs(
      options,
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
