import { expect, test } from "vitest";
import { launchConfigOf } from "../../../shared/nodeclass/launch-config.ts";
import { planNodeClass } from "../../../shared/nodeclass/plan.ts";
import { noMatch } from "../../../shared/nodeclass/resolution.ts";
import { aNodeClass, aResolution, NOW } from "./builders.ts";

type Overrides = Parameters<typeof aNodeClass>[0];

const reconciled = (overrides: Overrides = {}, resolution = aResolution()) => {
  const nodeClass = aNodeClass(overrides);
  const { status } = planNodeClass({ nodeClass, pools: [], region: "us-east-1", now: NOW, resolution });
  return { ...nodeClass, status };
};

test("a Ready class has all launch parameters, by default with IMDSv2 and one hop", () => {
  expect(launchConfigOf(reconciled())).toEqual({
    kind: "ready",
    launch: {
      imageId: "ami-1",
      instanceType: "m5.large",
      instanceTypes: ["m5.large"],
      subnets: [{ id: "subnet-1", zone: "us-east-1a", freeAddresses: 4000 }],
      securityGroupIds: ["sg-1"],
      instanceProfile: "node",
      userDataSource: { own: "#!/bin/bash\npoweroff\n" },
      metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1, httpEndpoint: "enabled" },
      blockDevices: [],
      options: {},
      userTags: {},
    },
  });
});

test("volumes, tags and metadata options are passed to the launch unchanged", () => {
  const blockDeviceMappings = [
    {
      deviceName: "/dev/xvda",
      volumeSize: 100,
      volumeType: "gp3" as const,
      encrypted: true,
      iops: 4000,
      throughput: 250,
    },
  ];
  const spec = { blockDeviceMappings, tags: { team: "ci" }, metadataOptions: { httpPutResponseHopLimit: 2 } };
  expect(launchConfigOf(reconciled({ spec }))).toMatchObject({
    launch: {
      blockDevices: blockDeviceMappings,
      userTags: { team: "ci" },
      metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 2, httpEndpoint: "enabled" },
    },
  });
});

test("capacity reservation, tenancy, placement group and hibernation are passed to the launch", () => {
  const spec = {
    capacityReservation: { id: "cr-1" },
    tenancy: "dedicated" as const,
    placementGroup: "training",
    hibernation: true,
    blockDeviceMappings: [{ deviceName: "/dev/xvda", volumeSize: 50, encrypted: true }],
  };
  const { capacityReservation, tenancy, placementGroup, hibernation } = spec;
  expect(launchConfigOf(reconciled({ spec }))).toMatchObject({
    launch: { options: { capacityReservation, tenancy, placementGroup, hibernation } },
  });
});

test("a class that was never reconciled is not ready", () => {
  expect(launchConfigOf(aNodeClass())).toMatchObject({
    kind: "notReady",
    message: expect.stringContaining("not known yet"),
  });
});

test("the message has every reason", () => {
  const resolution = aResolution({ ami: noMatch("no available image"), subnets: noMatch("no such subnet") });
  expect(launchConfigOf(reconciled({}, resolution))).toEqual({
    kind: "notReady",
    message: "AMIReady: no available image; SubnetsReady: no such subnet",
  });
});

test("a spec that changed since it was resolved is not ready", () => {
  const { metadata, ...rest } = reconciled();
  const edited = { ...rest, metadata: { ...metadata, generation: 2 } };
  expect(launchConfigOf(edited)).toMatchObject({ kind: "notReady" });
});

test("a class that is being deleted is not ready", () => {
  const { metadata, ...rest } = reconciled();
  const deleted = { ...rest, metadata: { ...metadata, deletionTimestamp: "2026-11-24T12:00:00Z" } };
  expect(launchConfigOf(deleted)).toEqual({ kind: "notReady", message: "it is being deleted" });
});
