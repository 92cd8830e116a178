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

describe("what EC2's answers show to be wrong", () => {
  const validity = (overrides: Partial<NodeClassView>) => conditionOf(planOf(overrides).status, "Valid");
  const typed = (...types: Parameters<typeof anInstanceType>[0][]) =>
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
        resolution: typed({}, { instanceType: "m7g.large", architectures: ["arm64"] }),
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
        resolution: typed({ instanceType: "m7g.large", architectures: ["arm64"] }),
      },
      /m7g\.large, which runs arm64, but spec\.ami ami-1 is an image for x86_64/,
    ],
    [
      "a type of another architecture than the image that is looked for",
      {
        nodeClass: aTemplateClass({ instanceType: "m7g.large" }),
        resolution: typed({ instanceType: "m7g.large", architectures: ["arm64"] }),
      },
      /spec\.architecture is x86_64; set spec\.architecture to arm64/,
    ],
    [
      "hibernation that the type cannot do",
      { nodeClass: aNodeClass({ spec: { hibernation: true } }), resolution: typed({ hibernation: false }) },
      /spec\.hibernation is true, but m5\.large cannot hibernate/,
    ],
    [
      "hibernation with more memory than EC2 writes down",
      { nodeClass: aNodeClass({ spec: { hibernation: true } }), resolution: typed({ memoryMiB: 160 * 1024 }) },
      /163840 MiB of memory, and 150 GiB are too many/,
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
  ])("%s", (_, overrides, message) => {
    const found = validity(overrides);
    expect(found).toMatchObject({ status: "False", reason: "ValidationFailed" });
    expect(found?.message).toMatch(message);
    expect(planOf(overrides).warnings).toContainEqual({ reason: "ValidationFailed", message: found?.message });
  });

  test.each<readonly [string, Partial<NodeClassView>]>([
    ["a type of both architectures runs either image", { resolution: typed({ architectures: ["i386", "x86_64"] }) }],
    [
      "hibernation with room for the memory",
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
      "addresses that the pool's own instances have taken",
      {
        pools: [aPoolUse("ci", { minStandby: 30, total: 30 })],
        resolution: aResolution({ subnets: resolved([{ id: "subnet-1", zone: "us-east-1a", freeAddresses: 0 }]) }),
      },
    ],
  ])("but not: %s", (_, overrides) => {
    expect(validity(overrides)?.status).toBe("True");
  });

  test("a class whose types EC2 does not tell of is not called Valid, and stays so once it was", () => {
    const resolution = aResolution({ instanceTypes: throttled });
    expect(validity({ resolution })).toMatchObject({ status: "False", reason: "ResolutionFailed" });
    expect(validity({ resolution, nodeClass: { ...aNodeClass(), status: planOf().status } })).toMatchObject({
      status: "True",
    });
  });
});
