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
  ["user data", { userData: { own: "#!/bin/bash" } }],
  ["security groups", { securityGroupIds: ["sg-1", "sg-2"] }],
  ["instance profile", { instanceProfile: "others" }],
  ["tenancy", { options: { tenancy: "dedicated" as const } }],
  ["volumes", { blockDevices: [{ deviceName: "/dev/xvda", volumeSize: 50 }] }],
  ["metadata options", { metadataOptions: { ...launch.metadataOptions, httpPutResponseHopLimit: 2 } }],
])("another %s makes another instance", (_, change) => {
  expect(fingerprintOf({ ...launch, ...change }, ["a:1", "b:1"])).not.toBe(fingerprint);
});

it("other images to pull make another instance", () => {
  expect(fingerprintOf(launch, ["a:1"])).not.toBe(fingerprint);
});

it.each([
  ["where it is put", { subnets: [{ id: "subnet-9", zone: "us-east-1c" }] }],
  ["how it is tagged", { userTags: { team: "build" } }],
  ["which types could be launched instead", { instanceTypes: [launch.instanceType, "m6i.large"] }],
  ["which group it is placed in", { options: { placementGroup: "close" } }],
])("%s makes no other instance", (_, change) => {
  expect(fingerprintOf({ ...launch, ...change }, ["a:1", "b:1"])).toBe(fingerprint);
});

it("the order in which things are listed makes no other instance", () => {
  expect(fingerprintOf({ ...launch, securityGroupIds: [...launch.securityGroupIds] }, ["b:1", "a:1"])).toBe(
    fingerprint,
  );
});

it("is short enough for a tag", () => {
  expect(fingerprint).toMatch(/^[0-9a-f]{16}$/);
});
