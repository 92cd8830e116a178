/**
 * The VPC CNI, as an EKS cluster has it by default: a DaemonSet, and no condition on the node. Source: aws/amazon-vpc-cni-k8s, config/master
 * and cmd/aws-vpc-cni (the plugin's configuration is written once ipamd answers), issue 2274.
 */
import { container, daemonSet } from "./daemon-set.ts";

const REGISTRY = "602401143452.dkr.ecr.us-east-1.amazonaws.com";

/** ipamd answers about 4 s after its container started (aws/amazon-vpc-cni-k8s#1930, log of a start). */
const IPAMD_SECONDS = 4;

export const vpcCni = () => [
  daemonSet("aws-node", "kube-system", {
    initContainers: [{ name: "aws-vpc-cni-init", image: `${REGISTRY}/amazon-k8s-cni-init:v1.21.1` }],
    containers: [
      container("aws-node", `${REGISTRY}/amazon-k8s-cni:v1.21.1`, IPAMD_SECONDS, "25m"),
      container("aws-eks-nodeagent", `${REGISTRY}/amazon/aws-network-policy-agent:v1.3.1`, 0, "25m"),
    ],
  }),
];
