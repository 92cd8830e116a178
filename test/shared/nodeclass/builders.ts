import type { AWSNodeClass, AWSNodeClassSpec, AWSNodeClassStatus, Condition } from "../../../shared/model/api/types.ts";
import type { Image, SecurityGroup, Subnet } from "../../../shared/model/class-resources.ts";
import type { InstancePlatform, InstanceTypeFacts } from "../../../shared/model/ec2.ts";
import { planNodeClass } from "../../../shared/nodeclass/plan.ts";
import { type Outcome, type Resolution, resolved } from "../../../shared/nodeclass/resolution.ts";
import type { NodeClassView, PoolUse } from "../../../shared/nodeclass/view.ts";

export const NOW = Date.parse("2026-11-24T12:00:00Z");

type Overrides = Partial<AWSNodeClass["metadata"]> & {
  readonly spec?: Partial<AWSNodeClassSpec>;
  readonly status?: AWSNodeClassStatus;
};

/** A class with its own user data that was never reconciled; undefined in `spec` removes a field. */
export const aNodeClass = ({ spec, status, ...metadata }: Overrides = {}): AWSNodeClass => ({
  apiVersion: "stratos.sh/v1alpha1",
  kind: "AWSNodeClass",
  metadata: { name: "workers", generation: 1, ...metadata },
  spec: {
    instanceType: "m5.large",
    userData: "#!/bin/bash\npoweroff\n",
    ami: "ami-1",
    subnetIds: ["subnet-1"],
    securityGroupIds: ["sg-1"],
    iamInstanceProfile: "node",
    ...spec,
  },
  ...(status && { status }),
});

export const aTemplateClass = (spec: Partial<AWSNodeClassSpec> = {}): AWSNodeClass =>
  aNodeClass({ spec: { userData: undefined, ami: undefined, bootstrapTemplate: "AL2023", ...spec } });

/** EC2's facts about an m5.large. */
export const anInstanceType = (overrides: Partial<InstanceTypeFacts> = {}): InstanceTypeFacts => ({
  instanceType: "m5.large",
  vcpus: 2,
  memoryMiB: 8192,
  maxPods: 29,
  devices: 0,
  architectures: ["x86_64"],
  hibernation: true,
  platform: aPlatform(),
  ...overrides,
});

/** That of Nitro types with x86 processors. */
export const aPlatform = (overrides: Partial<InstancePlatform> = {}): InstancePlatform => ({
  ena: "required",
  nvme: "required",
  bootModes: ["legacy-bios", "uefi"],
  interfaces: 3,
  addressesPerInterface: 10,
  attachments: { max: 28, includeInterfaces: true },
  ...overrides,
});

/** A pool with its desired number of instances. */
export const aPoolUse = (name: string, overrides: Partial<PoolUse> = {}): PoolUse => ({
  name,
  minStandby: 2,
  total: 2,
  ...overrides,
});

export const anImage = (overrides: Partial<Image> = {}): Image => ({
  id: "ami-1",
  creationDate: "2026-01-01T00:00:00.000Z",
  architecture: "x86_64",
  rootDevice: "/dev/xvda",
  devices: ["/dev/xvda"],
  ...overrides,
});

export const aSubnet = (overrides: Partial<Subnet> = {}): Subnet => ({
  id: "subnet-1",
  zone: "us-east-1a",
  vpcId: "vpc-1",
  freeAddresses: 4000,
  ...overrides,
});

export const aSecurityGroup = (overrides: Partial<SecurityGroup> = {}): SecurityGroup => ({
  id: "sg-1",
  name: "node",
  vpcId: "vpc-1",
  ...overrides,
});

/** All resources found, except for overrides. */
export const aResolution = (overrides: Partial<Resolution> = {}): Resolution => ({
  instanceTypes: resolved([anInstanceType()]),
  ami: resolved(anImage()),
  subnets: resolved([aSubnet()]),
  securityGroups: resolved([aSecurityGroup()]),
  instanceProfile: resolved("node"),
  ...overrides,
});

/** The plan for a class with one pool and all resources found, except for overrides. */
export const planOf = (overrides: Partial<NodeClassView> = {}) =>
  planNodeClass({
    nodeClass: aNodeClass(),
    pools: [aPoolUse("ci")],
    region: "us-east-1",
    now: NOW,
    resolution: aResolution(),
    ...overrides,
  });

export const throttled: Outcome<never> = {
  kind: "failed",
  reason: "ResolutionFailed",
  message: "finding the image: RequestLimitExceeded: slow down",
  cause: new Error("slow down"),
};

export const conditionOf = (status: AWSNodeClassStatus | undefined, type: string): Condition | undefined =>
  status?.conditions?.find((condition) => condition.type === type);
