import { expect, it } from "vitest";
import { fingerprintOf } from "../../../shared/nodeclass/launch-fingerprint.ts";
import { aView } from "../pool/builders.ts";

const { nodeClass } = aView();
if (nodeClass.kind !== "ready") throw new Error("the builder's class is ready");
const { launch } = nodeClass;
const fingerprint = fingerprintOf(launch, ["a:1", "b:1"]);

it.each([
  ["image", { imageId: "ami-2" }],
  ["instance type", { instanceType: "m5.xlarge" }],
  ["user data", { userDataSource: { own: "#!/bin/bash" } }],
  ["list of security groups", { securityGroupIds: ["sg-1", "sg-2"] }],
  ["instance profile", { instanceProfile: "others" }],
  ["tenancy", { options: { tenancy: "dedicated" as const } }],
  ["list of volumes", { blockDevices: [{ deviceName: "/dev/xvda", volumeSize: 50 }] }],
  ["metadata option", { metadataOptions: { ...launch.metadataOptions, httpPutResponseHopLimit: 2 } }],
])("a changed %s changes the fingerprint", (_, change) => {
  expect(fingerprintOf({ ...launch, ...change }, ["a:1", "b:1"])).not.toBe(fingerprint);
});

it("changed images to pull change the fingerprint", () => {
  expect(fingerprintOf(launch, ["a:1"])).not.toBe(fingerprint);
});

it.each([
  ["subnets", { subnets: [{ id: "subnet-9", zone: "us-east-1c" }] }],
  ["tags", { userTags: { team: "build" } }],
  ["alternative instance types", { instanceTypes: [launch.instanceType, "m6i.large"] }],
  ["placement group", { options: { placementGroup: "close" } }],
])("changed %s does not change the fingerprint", (_, change) => {
  expect(fingerprintOf({ ...launch, ...change }, ["a:1", "b:1"])).toBe(fingerprint);
});

it("the order of lists does not change the fingerprint", () => {
  expect(fingerprintOf({ ...launch, securityGroupIds: [...launch.securityGroupIds] }, ["b:1", "a:1"])).toBe(
    fingerprint,
  );
});

it("is short enough for a tag", () => {
  expect(fingerprint).toMatch(/^[0-9a-f]{16}$/);
});

it.each([
  ["own user data", { own: "#!/bin/bash\npoweroff\n" }, "795c1f5d9a18c332"],
  ["a template", { template: "AL2023" as const, custom: undefined, kubelet: { maxPods: 20 } }, "1d1cde7fc943418a"],
])("an instance launched by 0.1.0 with %s has not drifted", (_, userDataSource, launchedAs) => {
  const released = {
    imageId: "ami-1",
    instanceType: "m5.large",
    instanceTypes: ["m5.large"],
    subnets: [{ id: "subnet-1", zone: "us-east-1a" }],
    securityGroupIds: ["sg-2", "sg-1"],
    instanceProfile: "node",
    metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1, httpEndpoint: "enabled" } as const,
    blockDevices: [],
    options: {},
    userTags: {},
    userDataSource,
  };
  expect(fingerprintOf(released, ["b:1", "a:1"])).toBe(launchedAs);
});
