import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../../../local/kubernetes/api-server/store.ts";
import { createEventRecorder } from "../../../../shared/kube/events.ts";
import type { AWSNodeClass } from "../../../../shared/model/api/types.ts";
import { createNodeClassReconcile, type NodeClassPorts } from "../../../../shared/reconcilers/nodeclass/reconcile.ts";
import { aNodeClass, anImage, aTemplateClass, conditionOf, NOW } from "../../nodeclass/builders.ts";
import { createFakeResources } from "./fake-node-class-client.ts";
import { createStoreClient } from "./store-client.ts";

const CLASSES = "awsnodeclasses.stratos.sh";
const POOLS = "nodepools.stratos.sh";
const PROFILE = "stratos-my-cluster-workers";
const FIVE_MINUTES = 300_000;

const aPool = (name: string, nodeClass = "workers"): KubeObject => ({
  apiVersion: "stratos.sh/v1alpha1",
  kind: "NodePool",
  metadata: { name },
  spec: { poolSize: 4, minStandby: 2, template: { nodeClassRef: { kind: "AWSNodeClass", name: nodeClass } } },
});

/** A cluster with one class and pools that use it, and an AWS account. */
const aWorld = (nodeClass: AWSNodeClass | undefined = aNodeClass(), pools: readonly string[] = ["ci"]) => {
  const time = { now: NOW };
  const { store, kube } = createStoreClient({ now: () => time.now });
  if (nodeClass) store.create(CLASSES, nodeClass as unknown as KubeObject);
  for (const pool of pools) store.create(POOLS, aPool(pool));
  const resources = createFakeResources();
  const woken: string[] = [];
  const ports: NodeClassPorts = {
    kube: async () => kube,
    resources,
    region: "us-east-1",
    wakeQueue: {
      enqueue: async (kind, keys) => {
        woken.push(...keys.map((key) => `${kind} ${key}`));
      },
    },
    telemetry: { log: { info: () => {}, warn: () => {}, error: () => {} }, recordMetric: () => {} },
    recordEvents: createEventRecorder(),
  };
  const reconcile = createNodeClassReconcile(ports);
  return {
    store,
    resources,
    time,
    woken,
    run: () => reconcile({ key: "my-cluster/workers", fence: 1, now: () => time.now, assertHeld: () => {} }),
    stored: () => store.get<AWSNodeClass & KubeObject>(CLASSES, "workers"),
    events: () => store.list<KubeObject & { reason?: string; message?: string; count?: number }>("events"),
    edit: (spec: Partial<AWSNodeClass["spec"]>) =>
      store.change(CLASSES, "workers", undefined, (object) => Object.assign(object.spec as object, spec)),
  };
};

const withRole = () => aNodeClass({ spec: { iamInstanceProfile: undefined, role: "node-role" } });

describe("a class and its pools", () => {
  test("is resolved, protected from deletion while in use, and requeued in 5 minutes", async () => {
    const { run, stored, woken } = aWorld(aNodeClass(), ["ci", "web"]);
    expect(await run()).toEqual({ requeueAt: NOW + FIVE_MINUTES });
    expect(stored()?.status).toMatchObject({ nodePoolCount: 2, resolvedAMI: "ami-1", observedGeneration: 1 });
    expect(conditionOf(stored()?.status, "Ready")?.status).toBe("True");
    expect(stored()?.metadata.finalizers).toEqual(["stratos.sh/in-use"]);
    expect(woken).toEqual(["pool my-cluster/ci", "pool my-cluster/web"]);
  });

  test("writes no status and wakes no pools while nothing changes", async () => {
    const { run, stored, woken, time } = aWorld();
    await run();
    const { resourceVersion } = stored()?.metadata ?? {};
    time.now += FIVE_MINUTES;
    await run();
    expect(stored()?.metadata.resourceVersion).toBe(resourceVersion);
    expect(woken).toHaveLength(1);
  });

  test("does not count pools of other classes", async () => {
    const { run, stored, store } = aWorld(aNodeClass(), []);
    store.create(POOLS, aPool("other", "other"));
    await run();
    expect(stored()?.status?.nodePoolCount).toBe(0);
    expect(stored()?.metadata.finalizers ?? []).toEqual([]);
  });

  test("wakes its pools when the spec changes", async () => {
    const { run, edit, woken } = aWorld();
    await run();
    edit({ userData: "#!/bin/bash\n" });
    await run();
    expect(woken).toEqual(["pool my-cluster/ci", "pool my-cluster/ci"]);
  });

  test("that does not exist needs no action, and is forgotten", async () => {
    const world = aWorld();
    world.store.remove(CLASSES, "workers");
    expect(await world.run()).toEqual({ isGone: true });
  });

  test("with a template uses the image for the cluster's version", async () => {
    const { run, stored, resources } = aWorld(aTemplateClass());
    const parameter = "/aws/service/eks/optimized-ami/1.35/amazon-linux-2023/x86_64/standard/recommended/image_id";
    resources.parameters.set(parameter, "ami-eks");
    resources.images.push({ ...anImage({ id: "ami-eks" }), owner: "amazon" });
    await run();
    expect(stored()?.status?.resolvedAMI).toBe("ami-eks");
    expect(conditionOf(stored()?.status, "Ready")?.reason).toBe("Resolved");
  });
});

describe("failures", () => {
  test("a missing resource is looked up again after a minute, and found", async () => {
    const { run, stored, resources, time, events } = aWorld();
    const { subnets } = resources;
    resources.subnets = [];
    expect(await run()).toEqual({ requeueAt: NOW + 60_000 });
    expect(conditionOf(stored()?.status, "SubnetsReady")?.reason).toBe("NoMatchingResources");
    expect(events()).toMatchObject([{ reason: "ResolutionFailed", message: "no such subnet: subnet-1" }]);
    resources.subnets = subnets;
    time.now += 60_000;
    await run();
    expect(conditionOf(stored()?.status, "Ready")?.status).toBe("True");
  });

  test("a failed call appears in the status, and the queue retries it", async () => {
    const { run, stored, resources } = aWorld();
    resources.failing.add("findImages");
    await expect(run()).rejects.toThrow("resolving node class my-cluster/workers: finding the image: Throttling");
    expect(conditionOf(stored()?.status, "AMIReady")).toMatchObject({ status: "False", reason: "ResolutionFailed" });
    expect(stored()?.status?.resolvedSubnets).toHaveLength(1);
    resources.failing.clear();
    await run();
    expect(conditionOf(stored()?.status, "Ready")?.status).toBe("True");
  });

  test("a later failed call leaves the class Ready with its last values and repeats one warning", async () => {
    const { run, stored, resources, events } = aWorld();
    await run();
    resources.failing.add("findImages");
    await expect(run()).rejects.toThrow();
    await expect(run()).rejects.toThrow();
    expect(stored()?.status?.resolvedAMI).toBe("ami-1");
    expect(conditionOf(stored()?.status, "Ready")?.status).toBe("True");
    expect(events()).toMatchObject([{ reason: "ResolutionFailed", count: 2 }]);
  });

  test("a resource that no longer exists is removed from the status", async () => {
    const { run, stored, resources } = aWorld();
    await run();
    resources.images = [];
    await run();
    expect(stored()?.status).not.toHaveProperty("resolvedAMI");
    expect(conditionOf(stored()?.status, "Ready")?.status).toBe("False");
  });
});

describe("deletion", () => {
  test("waits for the last pool, then deletes the profile too", async () => {
    const { run, stored, store, resources } = aWorld(withRole());
    await run();
    store.remove(CLASSES, "workers");
    await run();
    expect(stored()?.metadata.finalizers).toEqual(["stratos.sh/in-use", "stratos.sh/instance-profile"]);
    expect(resources.profiles.has(PROFILE)).toBe(true);

    store.remove(POOLS, "ci");
    await run();
    expect(stored()).toBeUndefined();
    expect(resources.profiles.size).toBe(0);
  });

  test("removes the in-use finalizer first, and keeps the other one until the profile is deleted", async () => {
    const { run, stored, store, resources } = aWorld(withRole());
    await run();
    store.remove(CLASSES, "workers");
    store.remove(POOLS, "ci");
    resources.failing.add("deleteProfile");
    await expect(run()).rejects.toThrow("deleteProfile");
    expect(stored()?.metadata.finalizers).toEqual(["stratos.sh/instance-profile"]);
    resources.failing.clear();
    await run();
    expect(stored()).toBeUndefined();
  });

  test("of a class that was never used is immediate", async () => {
    const { run, stored, store } = aWorld(aNodeClass(), []);
    await run();
    store.remove(CLASSES, "workers");
    expect(stored()).toBeUndefined();
  });

  test("waits, and names them, while instances carry the profile, even if no pool refers to the class", async () => {
    const { run, stored, store, resources, events } = aWorld(withRole());
    await run();
    store.remove(POOLS, "ci");
    const { arn = "" } = resources.profiles.get(PROFILE) ?? {};
    resources.carriers.set(arn, ["i-1", "i-2", "i-3", "i-4", "i-5", "i-6"]);
    store.remove(CLASSES, "workers");
    expect(await run()).toEqual({ requeueAt: NOW + 60_000 });
    expect(resources.profiles.get(PROFILE)?.roles).toEqual(["node-role"]);
    expect(events().at(-1)).toMatchObject({
      reason: "DeletionBlocked",
      message:
        "deletion waits until no instance carries the class's instance profile: i-1, i-2, i-3, i-4, i-5 and 1 more",
    });
    resources.carriers.clear();
    await run();
    expect(stored()).toBeUndefined();
    expect(resources.profiles.size).toBe(0);
  });

  test("leaves no profile behind, whichever call of its creation failed", async () => {
    for (const call of ["createProfile", "addRole"] as const) {
      const { run, stored, store, resources } = aWorld(withRole(), []);
      resources.failing.add(call);
      await expect(run()).rejects.toThrow(call);
      store.remove(CLASSES, "workers");
      await run();
      expect(stored()).toBeUndefined();
      expect(resources.profiles.size).toBe(0);
    }
  });
});

test("a finalizer of another controller is not lost", async () => {
  const { run, stored, store } = aWorld(aNodeClass({ finalizers: ["example.com/backup"] }));
  await run();
  expect(stored()?.metadata.finalizers).toEqual(["example.com/backup", "stratos.sh/in-use"]);
  store.remove(POOLS, "ci");
  await run();
  expect(stored()?.metadata.finalizers).toEqual(["example.com/backup"]);
});
