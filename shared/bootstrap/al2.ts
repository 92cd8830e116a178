/** User data for Amazon Linux 2: the class's custom part, bootstrap.sh, and the warmup script. */
import { type ClusterAddress, isIpv6 } from "../model/cluster-address.ts";
import { customPart } from "./custom-part.ts";
import { renderMime } from "./mime.ts";
import { dnsAddress, type NodeSettings, nodeLabelsArg, registerWithTaintsArg } from "./node-settings.ts";
import { shellQuote, warmupScript } from "./warmup-script.ts";

const networkArgs = (cluster: ClusterAddress): string[] =>
  isIpv6(cluster)
    ? ["--ip-family ipv6", `--service-ipv6-cidr ${shellQuote(cluster.serviceCidr)}`]
    : [`--dns-cluster-ip ${shellQuote(dnsAddress(cluster.serviceCidr))}`];

/** bootstrap.sh writes the kubelet's arguments into a systemd unit, where a percent sign starts a specifier. */
const kubeletArgs = ({ labels, taints, maxPods, kubeletArgs: extra }: NodeSettings): string =>
  [
    nodeLabelsArg(labels),
    ...(taints.length === 0 ? [] : [registerWithTaintsArg(taints)]),
    ...(maxPods === undefined ? [] : [`--max-pods=${maxPods}`]),
    ...extra,
  ]
    .join(" ")
    .replaceAll("%", "%%");

/** Source: github.com/awslabs/amazon-eks-ami, bootstrap.sh of AL2. With endpoint and certificate given, it makes no call to EKS. */
const joinScript = (settings: NodeSettings): string => {
  const { cluster, maxPods } = settings;
  const args = [
    shellQuote(cluster.name),
    `--apiserver-endpoint ${shellQuote(cluster.endpoint)}`,
    `--b64-cluster-ca ${shellQuote(cluster.certificateAuthority)}`,
    ...networkArgs(cluster),
    ...(maxPods === undefined ? [] : ["--use-max-pods false"]),
    `--kubelet-extra-args ${shellQuote(kubeletArgs(settings))}`,
  ];
  return `#!/bin/bash\nset -e\n/etc/eks/bootstrap.sh ${args.join(" \\\n  ")}\n`;
};

/** The class's custom part goes first, so that its changes are in place when the kubelet starts. */
export const al2UserData = (settings: NodeSettings, custom: string | undefined): string =>
  renderMime([
    ...(custom === undefined ? [] : [customPart(custom)]),
    { type: "text/x-shellscript", body: joinScript(settings) },
    { type: "text/x-shellscript", body: warmupScript(settings) },
  ]);
