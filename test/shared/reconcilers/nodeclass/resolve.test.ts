import { describe, expect, test } from "vitest";
import { resolveNodeClass } from "../../../../shared/reconcilers/nodeclass/resolve.ts";
import { aNodeClass, anInstanceType, aSecurityGroup, aSubnet, aTemplateClass, NOW } from "../../nodeclass/builders.ts";
import { createFakeResources, type FakeImage } from "./fake-node-class-client.ts";

const CLUSTER = { name: "my-cluster", version: async () => "1.35" };

const resolve = (resources = createFakeResources(), nodeClass = aNodeClass()) =>
  resolveNodeClass(resources, CLUSTER, nodeClass, NOW);

const found = (value: unknown) => ({ kind: "resolved", value });
const anImage = (id: string, year: number, overrides: Partial<FakeImage> = {}): FakeImage => ({
  ...{ id, creationDate: `${year}-01-01T00:00:00.000Z`, owner: "self", architecture: "x86_64", name: "ours" },
  ...overrides,
});

describe("the image", () => {
  const selecting = (amiSelector: object) => aNodeClass({ spec: { ami: undefined, amiSelector } });

  test("is the class's ami", async () => {
    expect((await resolve()).ami).toMatchObject({ value: { id: "ami-1" } });
  });

  test("that does not exist is reported missing by its id", async () => {
    const { ami } = await resolve(createFakeResources(), aNodeClass({ spec: { ami: "ami-9" } }));
    expect(ami).toMatchObject({ kind: "missing", reason: "NoMatchingResources" });
    expect(ami).toHaveProperty(
      "message",
      "image ami-9 is not available: it does not exist, was deregistered or disabled, or is not shared with this account",
    );
  });

  test("of a selector is the newest match, in any list order", async () => {
    const resources = createFakeResources();
    resources.images = [anImage("ami-old", 2024), anImage("ami-new", 2026), anImage("ami-mid", 2025)];
    expect((await resolve(resources, selecting({ name: "ours" }))).ami).toMatchObject({ value: { id: "ami-new" } });
    resources.images.reverse();
    expect((await resolve(resources, selecting({ name: "ours" }))).ami).toMatchObject({ value: { id: "ami-new" } });
  });

  test("has the class's architecture", async () => {
    const resources = createFakeResources();
    resources.images = [anImage("ami-x86", 2026), anImage("ami-arm", 2025, { architecture: "arm64" })];
    const arm = aNodeClass({ spec: { ami: undefined, amiSelector: { name: "ours" }, architecture: "arm64" } });
    expect((await resolve(resources, arm)).ami).toMatchObject({ value: { id: "ami-arm" } });
  });

  test("never belongs to another account, unless the class names that owner", async () => {
    const resources = createFakeResources();
    resources.images = [anImage("ami-ours", 2025), anImage("ami-theirs", 2026, { owner: "666666666666" })];
    expect((await resolve(resources, selecting({ name: "ours" }))).ami).toMatchObject({ value: { id: "ami-ours" } });
    const withOwner = selecting({ name: "ours", owner: "666666666666" });
    expect((await resolve(resources, withOwner)).ami).toMatchObject({ value: { id: "ami-theirs" } });
  });

  test.each([
    ["AL2023", "x86_64", "/aws/service/eks/optimized-ami/1.35/amazon-linux-2023/x86_64/standard/recommended/image_id"],
    ["AL2023", "arm64", "/aws/service/eks/optimized-ami/1.35/amazon-linux-2023/arm64/standard/recommended/image_id"],
    ["AL2", "x86_64", "/aws/service/eks/optimized-ami/1.35/amazon-linux-2/recommended/image_id"],
    ["AL2", "arm64", "/aws/service/eks/optimized-ami/1.35/amazon-linux-2-arm64/recommended/image_id"],
    ["Bottlerocket", "x86_64", "/aws/service/bottlerocket/aws-k8s-1.35/x86_64/latest/image_id"],
    ["Bottlerocket", "arm64", "/aws/service/bottlerocket/aws-k8s-1.35/arm64/latest/image_id"],
  ] as const)("of %s on %s defaults to AWS's published image", async (bootstrapTemplate, architecture, parameter) => {
    const resources = createFakeResources();
    const nodeClass = aTemplateClass({ bootstrapTemplate, architecture });
    expect((await resolve(resources, nodeClass)).ami).toMatchObject({ kind: "missing", reason: "NoMatchingResources" });
    resources.parameters.set(parameter, "ami-eks");
    resources.images.push(anImage("ami-eks", 2026, { owner: "amazon", architecture }));
    expect((await resolve(resources, nodeClass)).ami).toMatchObject({ value: { id: "ami-eks" } });
  });
});

describe("the image of a type with accelerators", () => {
  test.each([
    ["AL2023", "nvidia", "/aws/service/eks/optimized-ami/1.35/amazon-linux-2023/x86_64/nvidia/recommended/image_id"],
    ["AL2023", "neuron", "/aws/service/eks/optimized-ami/1.35/amazon-linux-2023/x86_64/neuron/recommended/image_id"],
    ["AL2", "nvidia", "/aws/service/eks/optimized-ami/1.35/amazon-linux-2-gpu/recommended/image_id"],
    ["Bottlerocket", "nvidia", "/aws/service/bottlerocket/aws-k8s-1.35-nvidia/x86_64/latest/image_id"],
    ["Bottlerocket", "neuron", "/aws/service/bottlerocket/aws-k8s-1.35/x86_64/latest/image_id"],
  ] as const)("of %s with %s includes the drivers", async (bootstrapTemplate, accelerator, parameter) => {
    const resources = createFakeResources();
    resources.instanceTypes = [anInstanceType({ instanceType: "g5.xlarge", accelerator, devices: 1 })];
    resources.parameters.set(parameter, "ami-gpu");
    resources.images.push(anImage("ami-gpu", 2026, { owner: "amazon" }));
    const nodeClass = aTemplateClass({ bootstrapTemplate, instanceType: "g5.xlarge" });
    expect((await resolve(resources, nodeClass)).ami).toMatchObject({ value: { id: "ami-gpu" } });
  });

  test("is unknown while the lookup of instance types fails", async () => {
    const resources = createFakeResources();
    resources.failing.add("findInstanceTypes");
    const { ami, instanceTypes } = await resolve(resources, aTemplateClass());
    expect(instanceTypes).toMatchObject({
      kind: "failed",
      message: expect.stringContaining("finding the instance types"),
    });
    expect(ami).toMatchObject({ kind: "failed" });
  });
});

describe("subnets and security groups", () => {
  test("are all matches, sorted by id", async () => {
    const resources = createFakeResources();
    const tags = { team: "ci" };
    resources.subnets = ["c", "a", "b"].map((zone) => ({
      id: `subnet-${zone}`,
      zone: `us-east-1${zone}`,
      freeAddresses: 10,
      tags,
    }));
    resources.subnets.push({ id: "subnet-other", zone: "us-east-1a", freeAddresses: 10 });
    resources.securityGroups = [
      { id: "sg-2", name: "node", tags },
      { id: "sg-1", name: "node", tags },
    ];
    const selecting = aNodeClass({
      spec: {
        subnetIds: undefined,
        subnetSelector: { tags },
        securityGroupIds: undefined,
        securityGroupSelector: { tags, name: "node" },
      },
    });
    const { subnets, securityGroups } = await resolve(resources, selecting);
    expect(subnets).toEqual(
      found([
        aSubnet({ id: "subnet-a", zone: "us-east-1a", freeAddresses: 10 }),
        aSubnet({ id: "subnet-b", zone: "us-east-1b", freeAddresses: 10 }),
        aSubnet({ id: "subnet-c", zone: "us-east-1c", freeAddresses: 10 }),
      ]),
    );
    expect(securityGroups).toEqual(found([aSecurityGroup({ id: "sg-1" }), aSecurityGroup({ id: "sg-2" })]));
  });

  const selectingGroups = aNodeClass({
    spec: { securityGroupIds: undefined, securityGroupSelector: { name: "node" } },
  });

  test("of a selector are only the groups of the subnets' VPC", async () => {
    const resources = createFakeResources();
    resources.securityGroups.push({ id: "sg-2", name: "node", vpcId: "vpc-2" });
    const { securityGroups } = await resolve(resources, selectingGroups);
    expect(securityGroups).toEqual(found([aSecurityGroup()]));
  });

  test("of a selector are missing if all matches are in another VPC", async () => {
    const resources = createFakeResources();
    resources.securityGroups = [{ id: "sg-2", name: "node", vpcId: "vpc-2" }];
    const { securityGroups } = await resolve(resources, selectingGroups);
    expect(securityGroups).toMatchObject({ message: 'no security group in vpc-1 matches {"name":"node"}' });
  });

  test("of a selector are not known while the subnets are not, unlike those that the class names", async () => {
    const resources = createFakeResources();
    resources.securityGroups.push({ id: "sg-2", name: "node", vpcId: "vpc-2" });
    resources.failing.add("findSubnets");
    expect((await resolve(resources, selectingGroups)).securityGroups).toMatchObject({
      kind: "failed",
      reason: "ResolutionFailed",
      message: "finding the security groups of the subnets' VPC: Throttling: findSubnets is throttled",
    });
    expect((await resolve(resources)).securityGroups).toEqual(found([aSecurityGroup()]));
  });

  test("are missing if one of the class's ids does not exist", async () => {
    const spec = { subnetIds: ["subnet-1", "subnet-2"], securityGroupIds: ["sg-3"] };
    const { subnets, securityGroups } = await resolve(createFakeResources(), aNodeClass({ spec }));
    expect(subnets).toMatchObject({ kind: "missing", message: "no such subnet: subnet-2" });
    expect(securityGroups).toMatchObject({ kind: "missing", message: "no such security group: sg-3" });
  });
});

test("one failed lookup does not affect the others", async () => {
  const resources = createFakeResources();
  resources.failing.add("findSubnets");
  const { ami, subnets } = await resolve(resources);
  expect(ami).toMatchObject(found({ id: "ami-1" }));
  expect(subnets).toMatchObject({
    kind: "failed",
    reason: "ResolutionFailed",
    message: "finding the subnets: Throttling: findSubnets is throttled",
  });
});
