import { describe, expect, test } from "vitest";
import type { AWSNodeClass } from "../../../shared/model/api/types.ts";
import { launchConfigOf } from "../../../shared/nodeclass/launch-config.ts";
import { finalizersOf } from "../../../shared/nodeclass/plan.ts";
import { noMatch, resolved } from "../../../shared/nodeclass/resolution.ts";
import { aNodeClass, aPoolUse, aResolution, aTemplateClass, conditionOf, NOW, planOf, throttled } from "./builders.ts";

/** The class as a first, successful reconcile leaves it. */
const reconciled = (nodeClass = aNodeClass()): AWSNodeClass => ({ ...nodeClass, status: planOf({ nodeClass }).status });

const changed = (nodeClass: AWSNodeClass, spec: Partial<AWSNodeClass["spec"]>): AWSNodeClass => ({
  ...nodeClass,
  metadata: { ...nodeClass.metadata, generation: (nodeClass.metadata.generation ?? 0) + 1 },
  spec: { ...nodeClass.spec, ...spec },
});

describe("everything found", () => {
  test("the class is Ready and shows what it was resolved to", () => {
    const { status, warnings } = planOf();
    expect(status).toMatchObject({
      observedGeneration: 1,
      nodePoolCount: 1,
      resolvedAMI: "ami-1",
      resolvedSubnets: [{ id: "subnet-1", zone: "us-east-1a" }],
      resolvedSecurityGroups: [{ id: "sg-1", name: "node" }],
      resolvedInstanceProfile: "node",
    });
    expect(status.conditions?.map(({ type, status }) => `${type}=${status}`)).toEqual([
      "Valid=True",
      "AMIReady=True",
      "SubnetsReady=True",
      "SecurityGroupsReady=True",
      "InstanceProfileReady=True",
      "InUse=True",
      "Ready=True",
    ]);
    expect(warnings).toEqual([]);
  });

  test("its pools are woken, because they can launch now", () => {
    expect(planOf({ pools: [aPoolUse("ci"), aPoolUse("web")] }).poolsToWake).toEqual(["ci", "web"]);
  });

  test("nothing new wakes nobody and moves no transition time", () => {
    const nodeClass = reconciled();
    const later = planOf({ nodeClass, now: NOW + 300_000 });
    expect(later.status).toEqual(nodeClass.status);
    expect(later.poolsToWake).toEqual([]);
  });

  test("a newer image wakes the pools", () => {
    const resolution = aResolution({ ami: resolved({ id: "ami-2", architecture: "x86_64" }) });
    expect(planOf({ nodeClass: reconciled(), resolution }).poolsToWake).toEqual(["ci"]);
  });

  test("changed user data wakes the pools, though nothing else is found", () => {
    const nodeClass = changed(reconciled(), { userData: "#!/bin/bash\n" });
    expect(planOf({ nodeClass }).poolsToWake).toEqual(["ci"]);
  });

  test("a class that no pool refers to is not in use", () => {
    const { status } = planOf({ pools: [] });
    expect(status.nodePoolCount).toBe(0);
    expect(conditionOf(status, "InUse")?.status).toBe("False");
    expect(conditionOf(status, "Ready")?.status).toBe("True");
  });

  test("a class that is in use names its pools", () => {
    expect(conditionOf(planOf({ pools: [aPoolUse("ci"), aPoolUse("web")] }).status, "InUse")?.message).toContain(
      "ci, web",
    );
  });
});

describe("not everything found", () => {
  const nothing = aResolution({ subnets: noMatch('no subnet matches {"tags":{"team":"ci"}}') });

  test("what does not exist is named by its condition, by Ready and by a warning", () => {
    const { status, warnings } = planOf({ resolution: nothing });
    const message = expect.stringContaining('no subnet matches {"tags":{"team":"ci"}}');
    expect(conditionOf(status, "SubnetsReady")).toMatchObject({
      status: "False",
      reason: "NoMatchingResources",
      message,
    });
    expect(conditionOf(status, "Ready")).toMatchObject({ status: "False", reason: "NoMatchingResources", message });
    expect(conditionOf(status, "AMIReady")?.status).toBe("True");
    expect(warnings).toEqual([{ reason: "ResolutionFailed", message }]);
  });

  test("what exists no more is forgotten, and the pools learn of it", () => {
    const { status, poolsToWake } = planOf({ nodeClass: reconciled(), resolution: nothing });
    expect(status.resolvedSubnets).toBeUndefined();
    expect(conditionOf(status, "Ready")?.status).toBe("False");
    expect(poolsToWake).toEqual(["ci"]);
  });

  test("a failure before anything was ever found makes the condition False", () => {
    const { status, warnings } = planOf({ resolution: aResolution({ ami: throttled }) });
    expect(conditionOf(status, "AMIReady")).toMatchObject({ status: "False", reason: "ResolutionFailed" });
    expect(warnings).toMatchObject([{ message: expect.stringContaining("RequestLimitExceeded") }]);
  });

  test("a failure later keeps the last good value and only warns", () => {
    const nodeClass = reconciled();
    const { status, warnings, poolsToWake } = planOf({ nodeClass, resolution: aResolution({ ami: throttled }) });
    expect(status).toEqual(nodeClass.status);
    expect(warnings).toMatchObject([{ message: expect.stringContaining("RequestLimitExceeded") }]);
    expect(poolsToWake).toEqual([]);
  });

  test("after a change of the spec, an old answer is kept but nothing is launched from it", () => {
    const nodeClass = changed(reconciled(), { ami: "ami-2" });
    const { status } = planOf({ nodeClass, resolution: aResolution({ ami: throttled }) });
    expect(status.resolvedAMI).toBe("ami-1");
    expect(conditionOf(status, "AMIReady")).toMatchObject({ status: "True", observedGeneration: 1 });
    expect(conditionOf(status, "Ready")).toMatchObject({
      status: "False",
      message: "AMIReady is not known for this spec yet; finding the image: RequestLimitExceeded: slow down",
    });
    expect(launchConfigOf({ ...nodeClass, status })).toMatchObject({ kind: "notReady" });
  });

  test("it becomes Ready again at the time it is found", () => {
    const broken = { ...aNodeClass(), status: planOf({ resolution: nothing }).status };
    const { status, poolsToWake } = planOf({ nodeClass: broken, now: NOW + 60_000 });
    expect(conditionOf(status, "Ready")).toMatchObject({ status: "True", lastTransitionTime: "2026-11-24T12:01:00Z" });
    expect(conditionOf(status, "AMIReady")?.lastTransitionTime).toBe("2026-11-24T12:00:00Z");
    expect(poolsToWake).toEqual(["ci"]);
  });
});

describe("a spec that cannot be used", () => {
  test("another region than the cluster's is not Valid, and not Ready", () => {
    const { status } = planOf({ nodeClass: aNodeClass({ spec: { region: "eu-west-1" } }) });
    expect(conditionOf(status, "Valid")).toMatchObject({ status: "False", reason: "ValidationFailed" });
    expect(conditionOf(status, "Ready")).toMatchObject({ status: "False", reason: "ValidationFailed" });
  });

  test("a template that cannot be filled in is not Valid, and says by which field", () => {
    const { status } = planOf({ nodeClass: aTemplateClass({ kubelet: { extraArgs: ["--max-pods=20"] } }) });
    expect(conditionOf(status, "Valid")).toMatchObject({
      status: "False",
      reason: "ValidationFailed",
      message: "kubelet.extraArgs has --max-pods; set kubelet.maxPods instead",
    });
  });
});

describe("what is told besides", () => {
  test("a subnet that runs out of addresses is a warning, and no more", () => {
    const subnets = resolved([
      { id: "subnet-1", zone: "us-east-1a", freeAddresses: 29 },
      { id: "subnet-2", zone: "us-east-1b", freeAddresses: 30 },
    ]);
    const { status, warnings } = planOf({ resolution: aResolution({ subnets }) });
    const message = "subnets run out of addresses: subnet-1 (us-east-1a) has 29 left";
    expect(warnings).toEqual([{ reason: "AddressesLow", message }]);
    expect(conditionOf(status, "Ready")?.status).toBe("True");
    expect(status.resolvedSubnets?.[0]).toEqual({ id: "subnet-1", zone: "us-east-1a", freeAddresses: 29 });
  });

  test("a template whose images get no more patches is a warning, and no more", () => {
    const { status, warnings } = planOf({ nodeClass: aTemplateClass({ bootstrapTemplate: "AL2" }) });
    expect(warnings).toEqual([{ reason: "TemplateOutdated", message: expect.stringContaining("use AL2023") }]);
    expect(conditionOf(status, "Ready")?.status).toBe("True");
  });

  test("addresses that come and go wake no pool", () => {
    const subnets = resolved([{ id: "subnet-1", zone: "us-east-1a", freeAddresses: 3990 }]);
    expect(planOf({ nodeClass: reconciled(), resolution: aResolution({ subnets }) }).poolsToWake).toEqual([]);
  });

  test("a class that is to be deleted names the pools that hold it", () => {
    const nodeClass = aNodeClass({ deletionTimestamp: "2026-11-24T12:00:00Z" });
    const message = "deleted once NodePools ci, web no longer refer to it";
    expect(planOf({ nodeClass, pools: [aPoolUse("ci"), aPoolUse("web")] }).warnings).toEqual([
      { reason: "DeletionBlocked", message },
    ]);
  });

  test("a profile that EC2 does not see yet holds launches back without a warning", () => {
    const message = "instance profile p has just been given the role r";
    const settling = { kind: "settling", reason: "Propagating", message } as const;
    const { status, warnings } = planOf({ resolution: aResolution({ instanceProfile: settling }) });
    expect(conditionOf(status, "InstanceProfileReady")).toMatchObject({
      status: "False",
      reason: "Propagating",
      message,
    });
    expect(warnings).toEqual([]);
  });

  test("what a node will hold is estimated from its type and kubelet's settings", () => {
    expect(planOf().status.estimatedAllocatable).toEqual({ cpu: "1930m", memory: "6903Mi", pods: "29" });
    const dense = aTemplateClass({ kubelet: { maxPods: 110 } });
    expect(planOf({ nodeClass: dense }).status.estimatedAllocatable).toMatchObject({ pods: "110" });
  });
});

describe("finalizers", () => {
  const role = { iamInstanceProfile: undefined, role: "node-role" };
  const inUse = "stratos.sh/in-use";
  const profile = "stratos.sh/instance-profile";

  test.each([
    ["an unused class needs none", {}, [], [], []],
    ["a used class is kept", {}, [], ["ci"], [inUse]],
    ["a class with a role cleans its profile up", role, [], [], [profile]],
    ["a used class with a role has both", role, [], ["ci"], [inUse, profile]],
    ["a class that is not used any more may go", role, [inUse, profile], [], [profile]],
    ["a class that gave up its role still cleans up", {}, [profile], [], [profile]],
    ["those of others stay", {}, ["example.com/x"], ["ci"], ["example.com/x", inUse]],
  ])("%s", (_, spec, finalizers, pools, expected) => {
    expect(finalizersOf(aNodeClass({ finalizers, spec }), pools.length > 0)).toEqual(expected);
  });
});
