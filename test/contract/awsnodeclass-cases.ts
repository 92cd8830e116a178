import { LAUNCH_CASES } from "./awsnodeclass-launch-cases.ts";
import { type Case, specCase } from "./crd-cases.ts";

const nodeClass = specCase("AWSNodeClass");
const taint = { key: "dedicated", value: "ci", effect: "NoSchedule" };
const withoutUserData = { userData: undefined, bootstrapTemplate: "AL2023" };

/** One good and one bad object for each rule of the AWSNodeClass CRD. */
export const NODE_CLASS_CASES: readonly Case[] = [
  nodeClass(
    "instanceType is required",
    { instanceType: "u-6tb1.metal" },
    { instanceType: undefined },
    /spec\.instanceType: Required/,
  ),
  nodeClass(
    "instanceType has a family and a size",
    {},
    { instanceType: "m5 large" },
    /spec\.instanceType: .*must be an instance type, such as m5\.large/,
  ),
  nodeClass(
    "instanceTypes begins with instanceType",
    { instanceType: "m5.large", instanceTypes: ["m5.large", "m6i.large"] },
    { instanceType: "m5.large", instanceTypes: ["m6i.large", "m5.large"] },
    /the first of instanceTypes must be instanceType/,
  ),
  nodeClass(
    "every instanceTypes entry has a family and a size",
    { instanceType: "m5.large", instanceTypes: ["m5.large"] },
    { instanceType: "m5.large", instanceTypes: ["m5.large", "m6i large"] },
    /spec\.instanceTypes\[1\]: .*must be an instance type, such as m5\.large/,
  ),
  nodeClass(
    "instanceTypes is not empty",
    { instanceType: "m5.large", instanceTypes: ["m5.large"] },
    { instanceTypes: [] },
    /spec\.instanceTypes/,
  ),
  nodeClass(
    "user data has only one source",
    withoutUserData,
    { bootstrapTemplate: "AL2023" },
    /exactly one of bootstrapTemplate and userData/,
  ),
  nodeClass("user data has a source", {}, { userData: undefined }, /exactly one of bootstrapTemplate and userData/),
  nodeClass(
    "bootstrapTemplate is a known value",
    { ...withoutUserData, bootstrapTemplate: "Bottlerocket" },
    { ...withoutUserData, bootstrapTemplate: "Windows" },
    /bootstrapTemplate/,
  ),
  nodeClass("userData is not empty", {}, { userData: "" }, /spec\.userData/),
  nodeClass(
    "userData is at most 16 KiB",
    { userData: "#".repeat(16_384) },
    { userData: "#".repeat(16_385) },
    /spec\.userData/,
  ),
  nodeClass(
    "customUserData extends a template",
    { ...withoutUserData, customUserData: "echo" },
    { customUserData: "echo" },
    /customUserData needs bootstrapTemplate/,
  ),
  nodeClass(
    "kubelet settings need a template",
    { ...withoutUserData, kubelet: { maxPods: 58, nodeTaints: [taint], extraArgs: ["--v=4"] } },
    { kubelet: { maxPods: 58 } },
    /kubelet needs bootstrapTemplate/,
  ),
  nodeClass(
    "a taint's key is a qualified name",
    { ...withoutUserData, kubelet: { nodeTaints: [{ ...taint, key: "example.com/gpu" }] } },
    { ...withoutUserData, kubelet: { nodeTaints: [{ ...taint, key: "a=b" }] } },
    /nodeTaints\[0\]\.key/,
  ),
  nodeClass(
    "a taint's value is a label value",
    { ...withoutUserData, kubelet: { nodeTaints: [{ ...taint, value: "" }] } },
    { ...withoutUserData, kubelet: { nodeTaints: [{ ...taint, value: "a b" }] } },
    /nodeTaints\[0\]\.value/,
  ),
  ...["node.kubernetes.io/not-ready", "node.cloudprovider.kubernetes.io/shutdown", "stratos.sh/standby"].map((key) =>
    nodeClass(
      `taints are not those of controllers, such as ${key}`,
      { ...withoutUserData, kubelet: { nodeTaints: [{ ...taint, key: "node.cilium.io/agent-not-ready" }] } },
      { ...withoutUserData, kubelet: { nodeTaints: [{ ...taint, key }] } },
      /kubelet\.nodeTaints\[0\]\.key.*reserved for controllers/,
    ),
  ),
  ...["kubernetes.io/hostname", "topology.kubernetes.io/zone", "stratos.sh/pool"].map((label) =>
    nodeClass(
      `the kubelet's labels do not say what the node is, as ${label} does`,
      { ...withoutUserData, kubelet: { nodeLabels: { "topology.kubernetes.io/rack": "r1" } } },
      { ...withoutUserData, kubelet: { nodeLabels: { [label]: "x" } } },
      /kubelet\.nodeLabels.*nodeLabels must not set kubernetes\.io\/hostname/,
    ),
  ),
  nodeClass(
    "kubelet arguments contain nothing that needs quoting",
    { ...withoutUserData, kubelet: { extraArgs: ["--eviction-hard=nodefs.available<10%", "--v"] } },
    { ...withoutUserData, kubelet: { extraArgs: ["--v=4 --x"] } },
    /extraArgs\[0\]/,
  ),
  nodeClass(
    "kubelet arguments do not set what has a field",
    { ...withoutUserData, kubelet: { extraArgs: ["--max-pods-per-core=2"] } },
    { ...withoutUserData, kubelet: { extraArgs: ["--node-labels=a=b"] } },
    /extraArgs must not set --max-pods, --node-labels or --register-with-taints; use maxPods, nodeLabels and nodeTaints/,
  ),
  nodeClass(
    "Bottlerocket's kubelet takes no arguments",
    { ...withoutUserData, bootstrapTemplate: "Bottlerocket", kubelet: { maxPods: 58 } },
    { ...withoutUserData, bootstrapTemplate: "Bottlerocket", kubelet: { extraArgs: ["--v=4"] } },
    /kubelet\.extraArgs must not be set with bootstrapTemplate Bottlerocket/,
  ),
  nodeClass(
    "the image has only one source",
    { ami: undefined, amiSelector: { name: "ours-*", owner: "self" } },
    { amiSelector: { name: "ours-*" } },
    /at most one of ami and amiSelector/,
  ),
  nodeClass(
    "only a template has a default image",
    { ...withoutUserData, ami: undefined },
    { ami: undefined },
    /userData needs ami or amiSelector/,
  ),
  ...["latest", "ami-", "AMI-0123456789abcdef0", "ami-0123_4567"].map((ami) =>
    nodeClass(
      `ami is the id of an image, not ${ami}`,
      { ami: "ami-0123456789abcdef0" },
      { ami },
      /spec\.ami: .*must be the id of an image, such as ami-0123456789abcdef0.*use amiSelector/,
    ),
  ),
  nodeClass(
    "subnetIds are ids",
    { subnetIds: ["subnet-0123456789abcdef0"] },
    { subnetIds: ["subnet-1", "private-a"] },
    /spec\.subnetIds\[1\]: .*must be the id of a subnet, such as subnet-/,
  ),
  nodeClass(
    "securityGroupIds are ids",
    { securityGroupIds: ["sg-0123456789abcdef0"] },
    { securityGroupIds: ["nodes"] },
    /spec\.securityGroupIds\[0\]: .*must be the id of a security group, such as sg-/,
  ),
  nodeClass(
    "iamInstanceProfile is a name or an ARN",
    { iamInstanceProfile: "arn:aws-cn:iam::123456789012:instance-profile/ours/nodes" },
    { iamInstanceProfile: "arn:aws:iam::123456789012:role/nodes" },
    /spec\.iamInstanceProfile: .*must be the name of an instance profile, such as .*use the field role/,
  ),
  nodeClass(
    "amiSelector has a criterion",
    { ami: undefined, amiSelector: { tags: { team: "ci" } } },
    { ami: undefined, amiSelector: { owner: "self" } },
    /amiSelector needs tags or name/,
  ),
  nodeClass(
    "amiSelector.owner is an account or an alias",
    { ami: undefined, amiSelector: { name: "x", owner: "123456789012" } },
    { ami: undefined, amiSelector: { name: "x", owner: "12345" } },
    /amiSelector\.owner: .*must be an account id of 12 digits, self, amazon or aws-marketplace/,
  ),
  nodeClass(
    "region is a region",
    { region: "us-gov-west-1" },
    { region: "Ireland" },
    /spec\.region: .*must be a region, such as/,
  ),
  nodeClass(
    "architecture is a known value",
    { architecture: "arm64" },
    { architecture: "amd64" },
    /spec\.architecture/,
  ),
  nodeClass(
    "subnets have only one source",
    { subnetIds: undefined, subnetSelector: { tags: { team: "ci" } } },
    { subnetSelector: { tags: { team: "ci" } } },
    /exactly one of subnetIds and subnetSelector/,
  ),
  nodeClass("there is a subnet", { subnetIds: ["subnet-1", "subnet-2"] }, { subnetIds: [] }, /spec\.subnetIds/),
  nodeClass(
    "subnetSelector has a criterion",
    { subnetIds: undefined, subnetSelector: { tags: { team: "*" } } },
    { subnetIds: undefined, subnetSelector: { tags: {} } },
    /subnetSelector\.tags/,
  ),
  nodeClass(
    "security groups have only one source",
    { securityGroupIds: undefined, securityGroupSelector: { name: "node" } },
    { securityGroupSelector: { name: "node" } },
    /exactly one of securityGroupIds and securityGroupSelector/,
  ),
  nodeClass("there is a security group", { securityGroupIds: ["sg-1"] }, { securityGroupIds: [] }, /securityGroupIds/),
  nodeClass(
    "securityGroupSelector has a criterion",
    { securityGroupIds: undefined, securityGroupSelector: { tags: { team: "ci" } } },
    { securityGroupIds: undefined, securityGroupSelector: {} },
    /securityGroupSelector needs tags or name/,
  ),
  nodeClass(
    "the instance profile has only one source",
    { iamInstanceProfile: undefined, role: "node-role" },
    { role: "node-role" },
    /exactly one of iamInstanceProfile and role/,
  ),
  nodeClass(
    "role is a name",
    { iamInstanceProfile: undefined, role: "node-role" },
    { iamInstanceProfile: undefined, role: "arn:aws:iam::123456789012:role/node-role" },
    /spec\.role: .*must be the name of an IAM role, such as eks-nodes, not an ARN/,
  ),
  ...LAUNCH_CASES,
];
