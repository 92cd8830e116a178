import { describe, expect, it } from "vitest";
import { chooseType, resizeProblem } from "../../../shared/capacity/resize.ts";
import type { InstanceHardware, InstancePlatform, InstanceTypeFacts } from "../../../shared/model/ec2.ts";
import { anInstanceType, aPlatform } from "../nodeclass/builders.ts";
import { aHardware } from "./builders.ts";

const OWN = anInstanceType({ instanceType: "m5.large" });

type TypeOverrides = Partial<Omit<InstanceTypeFacts, "platform">> & { readonly platform?: Partial<InstancePlatform> };

const aType = ({ platform, ...overrides }: TypeOverrides = {}) =>
  anInstanceType({ instanceType: "m6i.large", platform: aPlatform(platform), ...overrides });

describe("an instance can be changed to another type", () => {
  const problem = (hardware: Partial<InstanceHardware> = {}, other: TypeOverrides = {}, own = OWN) =>
    resizeProblem(aHardware(hardware), own, aType(other));

  const cases: readonly (readonly [
    string,
    Partial<InstanceHardware>,
    TypeOverrides,
    problem: string | undefined,
    own?: InstanceTypeFacts,
  ])[] = [
    ["of the same kind", {}, {}, undefined],
    ["while it is stopped", { state: "stopping" }, {}, "it is stopping"],
    ["unless it is hibernated", { isHibernated: true, hibernation: true }, {}, "it is hibernated"],
    ["unless it is a spot instance", { spot: true }, {}, "it is a spot instance"],
    ["of its architecture", {}, { architectures: ["arm64"] }, "it is x86_64"],
    ["that needs ENA only with ENA", { ena: false }, {}, "network adapters differ"],
    ["without ENA only without ENA", {}, { platform: { ena: "unsupported" } }, "network adapters differ"],
    ["that supports ENA, with it", {}, { platform: { ena: "supported" } }, undefined],
    ["that supports ENA, without it", { ena: false }, { platform: { ena: "supported" } }, undefined],
    ["with the same NVMe support", {}, { platform: { nvme: "unsupported" } }, "NVMe support differs"],
    ["that boots as it does", { bootMode: "uefi" }, { platform: { bootModes: ["legacy-bios"] } }, "it boots with uefi"],
    ["with the boot mode in use only", {}, { platform: { bootModes: ["legacy-bios"] } }, undefined],
    [
      "with every boot mode of its type, if EC2 does not show which is in use",
      { bootMode: undefined },
      { platform: { bootModes: ["uefi"] } },
      "it boots with legacy-bios and uefi",
    ],
    [
      "that can hibernate, if it may have to",
      { hibernation: true },
      { hibernation: false },
      "it is set up for hibernation",
    ],
    ["that cannot hibernate, if it never does", {}, { hibernation: false }, undefined],
    ["without accelerators, as its image has no drivers", {}, { accelerator: "nvidia" }, "accelerators differ"],
    [
      "with the same kind of accelerator",
      {},
      { accelerator: "nvidia" },
      undefined,
      anInstanceType({ accelerator: "nvidia", devices: 1 }),
    ],
    [
      "that takes its network interfaces",
      { interfaces: [{ addressCount: 1 }, { addressCount: 1 }, { addressCount: 1 }] },
      { platform: { interfaces: 2 } },
      "it has 3 network interfaces",
    ],
    [
      "that takes the addresses of each of them",
      { interfaces: [{ addressCount: 1 }, { addressCount: 10 }] },
      { platform: { addressesPerInterface: 6 } },
      "it has 10 addresses on one interface",
    ],
    ["that takes its volumes", { volumeCount: 29 }, {}, "it has 29 volumes"],
    ["whose attachments include interfaces", { volumeCount: 28 }, {}, "it has 28 volumes"],
    [
      "whose attachments are volumes only",
      { volumeCount: 28 },
      { platform: { attachments: { max: 28, includeInterfaces: false } } },
      undefined,
    ],
    ["whose limit EC2 does not say", { volumeCount: 40 }, { platform: { attachments: undefined } }, undefined],
  ];

  for (const [name, hardware, other, expected, own] of cases)
    it(name, () => {
      expect(problem(hardware, other, own)).toBe(expected);
    });
});

describe("of several types", () => {
  const small = aType({ instanceType: "t3.small", memoryMiB: 2048 });
  const fewPods = aType({ instanceType: "c6i.large", maxPods: 17 });
  const equal = aType({ instanceType: "m6i.large" });
  const large = aType({ instanceType: "m6i.xlarge", vcpus: 4, memoryMiB: 16384, maxPods: 58 });
  const foreign = aType({ instanceType: "m7g.large", architectures: ["arm64"] });
  const choose = (others: readonly InstanceTypeFacts[], kept: { keepsMaxPods?: boolean; hasPods?: boolean } = {}) =>
    chooseType({ hardware: aHardware(), own: OWN, others, keepsMaxPods: false, hasPods: false, ...kept });

  it.each([
    { name: "the first that holds as much is chosen", others: [small, equal, large], chosen: "m6i.large" },
    { name: "a larger one comes before a smaller one", others: [small, large], chosen: "m6i.xlarge" },
    { name: "one that holds less is better than none", others: [foreign, small], chosen: "t3.small" },
    { name: "none is chosen if it cannot be changed to any", others: [foreign], chosen: undefined },
  ])("$name", ({ others, chosen }) => {
    expect(choose(others)).toBe(chosen);
  });

  it("one with fewer pods is not chosen if kubelet would go on to take as many", () => {
    expect(choose([fewPods])).toBe("c6i.large");
    expect(choose([fewPods], { keepsMaxPods: true })).toBeUndefined();
  });

  it("one that holds less is not chosen if pods are bound to the instance, which may not fit", () => {
    expect(choose([small, fewPods], { hasPods: true })).toBeUndefined();
    expect(choose([small, large], { hasPods: true })).toBe("m6i.xlarge");
  });
});
