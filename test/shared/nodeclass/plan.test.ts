import { describe, expect, test } from "vitest";
import type { AWSNodeClass } from "../../../shared/model/api/types.ts";
import { launchConfigOf } from "../../../shared/nodeclass/launch-config.ts";
import { finalizersOf } from "../../../shared/nodeclass/plan.ts";
import { noMatch, resolved } from "../../../shared/nodeclass/resolution.ts";
import {
  aNodeClass,
  anImage,
  aPoolUse,
  aResolution,
  aSubnet,
  aTemplateClass,
  conditionOf,
  NOW,
  planOf,
  throttled,
} from "./builders.ts";

/** The class after a successful first reconcile. */
const reconciled = (nodeClass = aNodeClass()): AWSNodeClass => ({ ...nodeClass, status: planOf({ nodeClass }).status });

const changed = (nodeClass: AWSNodeClass, spec: Partial<AWSNodeClass["spec"]>): AWSNodeClass => ({
  ...nodeClass,
  metadata: { ...nodeClass.metadata, generation: (nodeClass.metadata.generation ?? 0) + 1 },
  spec: { ...nodeClass.spec, ...spec },
});

describe("when all resources are found", () => {
  test("the class is Ready and its status has the resolved resources", () => {
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

  test("its pools are woken, because they can launch", () => {
    expect(planOf({ pools: [aPoolUse("ci"), aPoolUse("web")] }).poolsToWake).toEqual(["ci", "web"]);
  });

  test("an unchanged result wakes no pools and keeps transition times", () => {
    const nodeClass = reconciled();
    const later = planOf({ nodeClass, now: NOW + 300_000 });
    expect(later.status).toEqual(nodeClass.status);
    expect(later.poolsToWake).toEqual([]);
  });

  test("a newer image wakes the pools", () => {
    const resolution = aResolution({ ami: resolved(anImage({ id: "ami-2" })) });
    expect(planOf({ nodeClass: reconciled(), resolution }).poolsToWake).toEqual(["ci"]);
  });

  test("changed user data wakes the pools, even if the resources are the same", () => {
    const nodeClass = changed(reconciled(), { userData: "#!/bin/bash\n" });
    expect(planOf({ nodeClass }).poolsToWake).toEqual(["ci"]);
  });

  test("a class without pools is not in use", () => {
    const { status } = planOf({ pools: [] });
    expect(status.nodePoolCount).toBe(0);
    expect(conditionOf(status, "InUse")?.status).toBe("False");
    expect(conditionOf(status, "Ready")?.status).toBe("True");
  });

  test("the InUse condition names the pools", () => {
    expect(conditionOf(planOf({ pools: [aPoolUse("ci"), aPoolUse("web")] }).status, "InUse")?.message).toContain(
      "ci, web",
    );
  });
});

describe("when a resource is not found", () => {
  const noSubnets = aResolution({ subnets: noMatch('no subnet matches {"tags":{"team":"ci"}}') });

  test("its condition, Ready and a warning name it", () => {
    const { status, warnings } = planOf({ resolution: noSubnets });
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

  test("it is removed from the status, and the pools are woken", () => {
    const { status, poolsToWake } = planOf({ nodeClass: reconciled(), resolution: noSubnets });
    expect(status.resolvedSubnets).toBeUndefined();
    expect(conditionOf(status, "Ready")?.status).toBe("False");
    expect(poolsToWake).toEqual(["ci"]);
  });

  test("a failed lookup makes the condition False if there is no earlier value", () => {
    const { status, warnings } = planOf({ resolution: aResolution({ ami: throttled }) });
    expect(conditionOf(status, "AMIReady")).toMatchObject({ status: "False", reason: "ResolutionFailed" });
    expect(warnings).toMatchObject([{ message: expect.stringContaining("RequestLimitExceeded") }]);
  });

  test("a later failed lookup keeps the last good value and only warns", () => {
    const nodeClass = reconciled();
    const { status, warnings, poolsToWake } = planOf({ nodeClass, resolution: aResolution({ ami: throttled }) });
    expect(status).toEqual(nodeClass.status);
    expect(warnings).toMatchObject([{ message: expect.stringContaining("RequestLimitExceeded") }]);
    expect(poolsToWake).toEqual([]);
  });

  test("after a spec change, an old value is kept, but nothing is launched from it", () => {
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

  test("the class becomes Ready again when the resource is found", () => {
    const broken = { ...aNodeClass(), status: planOf({ resolution: noSubnets }).status };
    const { status, poolsToWake } = planOf({ nodeClass: broken, now: NOW + 60_000 });
    expect(conditionOf(status, "Ready")).toMatchObject({ status: "True", lastTransitionTime: "2026-11-24T12:01:00Z" });
    expect(conditionOf(status, "AMIReady")?.lastTransitionTime).toBe("2026-11-24T12:00:00Z");
    expect(poolsToWake).toEqual(["ci"]);
  });
});

describe("an invalid spec", () => {
  test("with another region than the cluster's is neither Valid nor Ready", () => {
    const { status } = planOf({ nodeClass: aNodeClass({ spec: { region: "eu-west-1" } }) });
    expect(conditionOf(status, "Valid")).toMatchObject({ status: "False", reason: "ValidationFailed" });
    expect(conditionOf(status, "Ready")).toMatchObject({ status: "False", reason: "ValidationFailed" });
  });

  test("with invalid template settings is not Valid, and the message names the field", () => {
    const { status } = planOf({ nodeClass: aTemplateClass({ kubelet: { extraArgs: ["--max-pods=20"] } }) });
    expect(conditionOf(status, "Valid")).toMatchObject({
      status: "False",
      reason: "ValidationFailed",
      message: "kubelet.extraArgs has --max-pods; set kubelet.maxPods instead",
    });
  });
});

describe("warnings and details", () => {
  test("a subnet that is low on addresses only causes a warning", () => {
    const subnets = resolved([
      aSubnet({ id: "subnet-1", zone: "us-east-1a", freeAddresses: 29 }),
      aSubnet({ id: "subnet-2", zone: "us-east-1b", freeAddresses: 30 }),
    ]);
    const { status, warnings } = planOf({ resolution: aResolution({ subnets }) });
    const message = "subnets are low on free addresses: subnet-1 (us-east-1a) has 29";
    expect(warnings).toEqual([{ reason: "AddressesLow", message }]);
    expect(conditionOf(status, "Ready")?.status).toBe("True");
    expect(status.resolvedSubnets?.[0]).toEqual({ id: "subnet-1", zone: "us-east-1a", freeAddresses: 29 });
  });

  test("a template whose images get no more patches only causes a warning", () => {
    const { status, warnings } = planOf({ nodeClass: aTemplateClass({ bootstrapTemplate: "AL2" }) });
    expect(warnings).toEqual([{ reason: "TemplateOutdated", message: expect.stringContaining("use AL2023") }]);
    expect(conditionOf(status, "Ready")?.status).toBe("True");
  });

  test("a change in free addresses wakes no pools", () => {
    const subnets = resolved([aSubnet({ id: "subnet-1", zone: "us-east-1a", freeAddresses: 3990 })]);
    expect(planOf({ nodeClass: reconciled(), resolution: aResolution({ subnets }) }).poolsToWake).toEqual([]);
  });

  test("a warning names the pools that block a class's deletion", () => {
    const nodeClass = aNodeClass({ deletionTimestamp: "2026-11-24T12:00:00Z" });
    const message = "deletion waits until NodePools ci, web no longer use it";
    expect(planOf({ nodeClass, pools: [aPoolUse("ci"), aPoolUse("web")] }).warnings).toEqual([
      { reason: "DeletionBlocked", message },
    ]);
  });

  test("a profile that has not reached EC2 yet delays launches without a warning", () => {
    const message = "instance profile p was created seconds ago";
    const settling = { kind: "settling", reason: "Propagating", message } as const;
    const { status, warnings } = planOf({ resolution: aResolution({ instanceProfile: settling }) });
    expect(conditionOf(status, "InstanceProfileReady")).toMatchObject({
      status: "False",
      reason: "Propagating",
      message,
    });
    expect(warnings).toEqual([]);
  });

  test("allocatable resources are estimated from the instance type and the kubelet settings", () => {
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
    ["an unused class has none", {}, [], [], []],
    ["a used class has in-use", {}, [], ["ci"], [inUse]],
    ["a class with a role has instance-profile", role, [], [], [profile]],
    ["a used class with a role has both", role, [], ["ci"], [inUse, profile]],
    ["a class that is no longer used loses in-use", role, [inUse, profile], [], [profile]],
    ["a class whose role was removed keeps instance-profile", {}, [profile], [], [profile]],
    ["finalizers of others stay", {}, ["example.com/x"], ["ci"], ["example.com/x", inUse]],
  ])("%s", (_, spec, finalizers, pools, expected) => {
    expect(finalizersOf(aNodeClass({ finalizers, spec }), pools.length > 0)).toEqual(expected);
  });
});

describe("an image's deprecation", () => {
  const warningsAt = (deprecatedAt: string) =>
    planOf({ resolution: aResolution({ ami: resolved(anImage({ deprecatedAt })) }) }).warnings;

  test("is a warning, and the image is still launched", () => {
    const [warning] = warningsAt("2026-11-24T11:59:00.000Z");
    expect(warning?.reason).toBe("ImageDeprecated");
    expect(warning?.message).toMatch(/^image ami-1 has been deprecated since 2026-11-24T11:59/);
  });

  test("in the future is none", () => {
    expect(warningsAt("2026-11-24T12:01:00.000Z")).toEqual([]);
  });
});

describe("user data that sets up the instance store", () => {
  test.each([
    [
      "NodeConfig",
      {
        customUserData:
          "apiVersion: node.eks.aws/v1alpha1\nspec:\n  instance:\n    localStorage:\n      strategy: RAID0\n",
      },
    ],
    ["AL2's script", { bootstrapTemplate: "AL2" as const, customUserData: "setup-local-disks raid0\n" }],
    [
      "Bottlerocket",
      {
        bootstrapTemplate: "Bottlerocket" as const,
        customUserData:
          '[settings.bootstrap-commands.disks]\ncommands = [["apiclient", "ephemeral-storage", "init"]]\n',
      },
    ],
  ])("is reported: %s", (_, spec) => {
    const reasons = planOf({ nodeClass: aTemplateClass(spec) }).warnings.map(({ reason }) => reason);
    expect(reasons).toContain("InstanceStoreUsed");
  });

  test("is not seen in a reservation of ephemeral storage", () => {
    const customUserData = '[settings.kubernetes.kube-reserved]\n"ephemeral-storage" = "1Gi"\n';
    expect(
      planOf({ nodeClass: aTemplateClass({ bootstrapTemplate: "Bottlerocket", customUserData }) }).warnings,
    ).toEqual([]);
  });
});

test("every condition has a message", () => {
  for (const pools of [[], [aPoolUse("ci")]])
    expect(planOf({ pools }).status.conditions?.filter(({ message }) => message === "")).toEqual([]);
});
