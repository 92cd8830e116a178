import { describe, expect, test } from "vitest";
import { resolved } from "../../../shared/nodeclass/resolution.ts";
import type { NodeClassView } from "../../../shared/nodeclass/view.ts";
import {
  aNodeClass,
  anInstanceType,
  aPoolUse,
  aResolution,
  aTemplateClass,
  conditionOf,
  planOf,
  throttled,
} from "./builders.ts";

describe("validation against EC2's answers", () => {
  const validity = (overrides: Partial<NodeClassView>) => conditionOf(planOf(overrides).status, "Valid");
  const withTypes = (...types: Parameters<typeof anInstanceType>[0][]) =>
    aResolution({ instanceTypes: resolved(types.map((type) => anInstanceType(type))) });

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
      "a spot type that does not exist",
      { nodeClass: aNodeClass({ spec: { spotConfig: { instanceTypes: ["m5.large", "m5.tiny"] } } }) },
      /^spec\.spotConfig\.instanceTypes\[1\] is m5\.tiny/,
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
      /blockDeviceMappings\[0\] must be the root volume, encrypted and larger than the 8 GiB .* found none/,
    ],
    [
      "more standby than the subnets have addresses for",
      {
        pools: [aPoolUse("ci", { minStandby: 300, total: 3 }), aPoolUse("web", { minStandby: 4, total: 0 })],
        resolution: aResolution({ subnets: resolved([{ id: "subnet-1", zone: "us-east-1a", freeAddresses: 251 }]) }),
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
    ["a type with two architectures", { resolution: withTypes({ architectures: ["i386", "x86_64"] }) }],
    [
      "hibernation with a large enough volume",
      {
        nodeClass: aNodeClass({
          spec: {
            hibernation: true,
            blockDeviceMappings: [{ deviceName: "/dev/xvda", volumeSize: 20, encrypted: true }],
          },
        }),
      },
    ],
    [
      "no free addresses if the pool already has its instances",
      {
        pools: [aPoolUse("ci", { minStandby: 30, total: 30 })],
        resolution: aResolution({ subnets: resolved([{ id: "subnet-1", zone: "us-east-1a", freeAddresses: 0 }]) }),
      },
    ],
  ])("accepts %s", (_, overrides) => {
    expect(validity(overrides)?.status).toBe("True");
  });

  test("while the lookup of instance types fails, a class does not become Valid, but a Valid one stays Valid", () => {
    const resolution = aResolution({ instanceTypes: throttled });
    expect(validity({ resolution })).toMatchObject({ status: "False", reason: "ResolutionFailed" });
    expect(validity({ resolution, nodeClass: { ...aNodeClass(), status: planOf().status } })).toMatchObject({
      status: "True",
    });
  });
});
