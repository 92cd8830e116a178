import { describe, expect, test } from "vitest";
import { noMatch, resolved } from "../../../shared/nodeclass/resolution.ts";
import type { NodeClassView } from "../../../shared/nodeclass/view.ts";
import {
  aNodeClass,
  anImage,
  anInstanceType,
  aPoolUse,
  aResolution,
  aSecurityGroup,
  aSubnet,
  aTemplateClass,
  conditionOf,
  planOf,
  throttled,
} from "./builders.ts";

describe("validation against EC2's answers", () => {
  const validity = (overrides: Partial<NodeClassView>) => conditionOf(planOf(overrides).status, "Valid");
  const withTypes = (...types: Parameters<typeof anInstanceType>[0][]) =>
    aResolution({ instanceTypes: resolved(types.map((type) => anInstanceType(type))) });

  const withDevices = (...names: string[]) =>
    aNodeClass({ spec: { blockDeviceMappings: names.map((deviceName) => ({ deviceName })) } });

  test.each<readonly [string, Partial<NodeClassView>, RegExp]>([
    [
      "a type that does not exist",
      { nodeClass: aNodeClass({ spec: { instanceType: "m5.larg" } }) },
      /^spec\.instanceType is m5\.larg, which EC2 does not offer in us-east-1/,
    ],
    [
      "an alternative that does not exist",
      { nodeClass: aNodeClass({ spec: { instanceTypes: ["m5.large", "m6i.larg"] } }) },
      /^spec\.instanceTypes\[1\] is m6i\.larg/,
    ],
    [
      "an alternative that cannot run the image",
      {
        nodeClass: aNodeClass({ spec: { instanceTypes: ["m5.large", "m7g.large"] } }),
        resolution: withTypes({}, { instanceType: "m7g.large", architectures: ["arm64"] }),
      },
      /^spec\.instanceTypes\[1\] is m7g\.large, which runs arm64/,
    ],
    [
      "volumes none of which is the image's",
      { nodeClass: withDevices("/dev/sda1", "/dev/sdb") },
      /^spec\.blockDeviceMappings has \/dev\/sda1, \/dev\/sdb, but the root device of image ami-1 is \/dev\/xvda; use \/dev\/xvda/,
    ],
    [
      "a security group of another VPC",
      { resolution: aResolution({ securityGroups: resolved([aSecurityGroup({ vpcId: "vpc-2" })]) }) },
      /^subnet-1 is in vpc-1, but sg-1 is in vpc-2; use subnets and security groups of one VPC/,
    ],
    [
      "subnets of two VPCs",
      { resolution: aResolution({ subnets: resolved([aSubnet(), aSubnet({ id: "subnet-2", vpcId: "vpc-2" })]) }) },
      /^subnet-1 is in vpc-1, but subnet-2 is in vpc-2/,
    ],
    [
      "a type that cannot run the image",
      {
        nodeClass: aNodeClass({ spec: { instanceType: "m7g.large" } }),
        resolution: withTypes({ instanceType: "m7g.large", architectures: ["arm64"] }),
      },
      /m7g\.large, which runs arm64, but spec\.ami ami-1 is an image for x86_64/,
    ],
    [
      "a type of another architecture than spec.architecture",
      {
        nodeClass: aTemplateClass({ instanceType: "m7g.large" }),
        resolution: withTypes({ instanceType: "m7g.large", architectures: ["arm64"] }),
      },
      /spec\.architecture is x86_64; set spec\.architecture to arm64/,
    ],
    [
      "hibernation with a type that does not support it",
      { nodeClass: aNodeClass({ spec: { hibernation: true } }), resolution: withTypes({ hibernation: false }) },
      /spec\.hibernation is true, but m5\.large cannot hibernate/,
    ],
    [
      "hibernation with more memory than EC2 allows",
      { nodeClass: aNodeClass({ spec: { hibernation: true } }), resolution: withTypes({ memoryMiB: 160 * 1024 }) },
      /163840 MiB of memory, and hibernation requires less than 150 GiB/,
    ],
    [
      "hibernation without an encrypted root volume",
      { nodeClass: aNodeClass({ spec: { hibernation: true } }) },
      /blockDeviceMappings must have the root device, \/dev\/xvda, encrypted and larger than the 8 GiB .* found none/,
    ],
    [
      "more standby than the subnets have addresses for",
      {
        pools: [aPoolUse("ci", { minStandby: 300, total: 3 }), aPoolUse("web", { minStandby: 4, total: 0 })],
        resolution: aResolution({
          subnets: resolved([aSubnet({ id: "subnet-1", zone: "us-east-1a", freeAddresses: 251 })]),
        }),
      },
      /1 subnets have 251 free addresses for 301 instances \(NodePool ci: spec\.minStandby is 300, 3 exist; NodePool web/,
    ],
  ])("rejects %s", (_, overrides, message) => {
    const found = validity(overrides);
    expect(found).toMatchObject({ status: "False", reason: "ValidationFailed" });
    expect(found?.message).toMatch(message);
    expect(planOf(overrides).warnings).toContainEqual({ reason: "ValidationFailed", message: found?.message });
  });

  test.each<readonly [string, Partial<NodeClassView>]>([
    [
      "a mapping for an image's second volume only",
      {
        nodeClass: withDevices("/dev/xvdb"),
        resolution: aResolution({ ami: resolved(anImage({ devices: ["/dev/xvda", "/dev/xvdb"] })) }),
      },
    ],
    ["a type with two architectures", { resolution: withTypes({ architectures: ["i386", "x86_64"] }) }],
    [
      "hibernation with a large enough volume",
      {
        nodeClass: aNodeClass({
          spec: {
            hibernation: true,
            blockDeviceMappings: [
              { deviceName: "/dev/xvdb" },
              { deviceName: "/dev/xvda", volumeSize: 20, encrypted: true },
            ],
          },
        }),
      },
    ],
    [
      "no free addresses if the pool already has its instances",
      {
        pools: [aPoolUse("ci", { minStandby: 30, total: 30 })],
        resolution: aResolution({
          subnets: resolved([aSubnet({ id: "subnet-1", zone: "us-east-1a", freeAddresses: 0 })]),
        }),
      },
    ],
    [
      "groups of several VPCs as long as no subnets decide between them",
      {
        resolution: aResolution({
          subnets: noMatch("no subnet matches"),
          securityGroups: resolved([aSecurityGroup(), aSecurityGroup({ id: "sg-2", vpcId: "vpc-2" })]),
        }),
      },
    ],
  ])("accepts %s", (_, overrides) => {
    expect(validity(overrides)?.status).toBe("True");
  });

  test("unusable spot types are warnings, because on-demand instances do not depend on them", () => {
    const spotConfig = { instanceTypes: ["m5.large", "m5.tiny", "m7g.large"] };
    const overrides = {
      nodeClass: aNodeClass({ spec: { spotConfig, hibernation: undefined } }),
      resolution: withTypes({}, { instanceType: "m7g.large", architectures: ["arm64"] }),
    };
    expect(validity(overrides)?.status).toBe("True");
    expect(planOf(overrides).warnings.map(({ reason, message }) => `${reason} ${message}`)).toEqual([
      expect.stringMatching(
        /^SpotTypesUnusable spec\.spotConfig\.instanceTypes\[1\] is m5\.tiny, which EC2 does not offer/,
      ),
      expect.stringMatching(/^SpotTypesUnusable spec\.spotConfig\.instanceTypes\[2\] is m7g\.large, which runs arm64/),
    ]);
  });

  test("a spot type that cannot hibernate does not block a class that can", () => {
    const blockDeviceMappings = [{ deviceName: "/dev/xvda", volumeSize: 20, encrypted: true }];
    const spec = { hibernation: true, blockDeviceMappings, spotConfig: { instanceTypes: ["m5a.large"] } };
    const resolution = withTypes({}, { instanceType: "m5a.large", hibernation: false });
    expect(validity({ nodeClass: aNodeClass({ spec }), resolution })?.status).toBe("True");
  });

  test("while the lookup of instance types fails, a class does not become Valid, but a Valid one stays Valid", () => {
    const resolution = aResolution({ instanceTypes: throttled });
    expect(validity({ resolution })).toMatchObject({ status: "False", reason: "ResolutionFailed" });
    expect(validity({ resolution, nodeClass: { ...aNodeClass(), status: planOf().status } })).toMatchObject({
      status: "True",
    });
  });
});
