import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../../../local/kubernetes/api-server/store.ts";
import { createEventRecorder } from "../../../../shared/kube/events.ts";
import type { AWSNodeClass } from "../../../../shared/model/api/types.ts";
import { createNodeClassReconcile, type NodeClassPorts } from "../../../../shared/reconcilers/nodeclass/reconcile.ts";
import { aNodeClass, aTemplateClass, conditionOf, NOW } from "../../nodeclass/builders.ts";
import { createFakeCloud } from "./fake-node-class-client.ts";
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

/** A cluster with one class and pools that refer to it, and an AWS account. */
const aWorld = (nodeClass: AWSNodeClass | undefined = aNodeClass(), pools: readonly string[] = ["ci"]) => {
  const time = { now: NOW };
  const { store, kube } = createStoreClient({ now: () => time.now });
  if (nodeClass) store.create(CLASSES, nodeClass as unknown as KubeObject);
  for (const pool of pools) store.create(POOLS, aPool(pool));
  const cloud = createFakeCloud();
  const woken: string[] = [];
  const ports: NodeClassPorts = {
    kube: async () => kube,
    cloud,
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
    cloud,
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
  test("is resolved, kept from deletion while used, and looked at again in 5 minutes", async () => {
    const { run, stored, woken } = aWorld(aNodeClass(), ["ci", "web"]);
    expect(await run()).toEqual({ requeueAt: NOW + FIVE_MINUTES });
    expect(stored()?.status).toMatchObject({ nodePoolCount: 2, resolvedAMI: "ami-1", observedGeneration: 1 });
    expect(conditionOf(stored()?.status, "Ready")?.status).toBe("True");
    expect(stored()?.metadata.finalizers).toEqual(["stratos.sh/in-use"]);
    expect(woken).toEqual(["pool my-cluster/ci", "pool my-cluster/web"]);
  });

  test("is not written again, nor are pools woken, while nothing changes", async () => {
    const { run, stored, woken, time } = aWorld();
    await run();
    const { resourceVersion } = stored()?.metadata ?? {};
    time.now += FIVE_MINUTES;
    await run();
    expect(stored()?.metadata.resourceVersion).toBe(resourceVersion);
    expect(woken).toHaveLength(1);
  });

  test("is not counted by pools of other classes", async () => {
    const { run, stored, store } = aWorld(aNodeClass(), []);
    store.create(POOLS, aPool("other", "other"));
    await run();
    expect(stored()?.status?.nodePoolCount).toBe(0);
    expect(stored()?.metadata.finalizers ?? []).toEqual([]);
  });

  test("tells its pools when the spec changed", async () => {
    const { run, edit, woken } = aWorld();
    await run();
    edit({ userData: "#!/bin/bash\n" });
    await run();
    expect(woken).toEqual(["pool my-cluster/ci", "pool my-cluster/ci"]);
  });

  test("that does not exist is nothing to do", async () => {
    const world = aWorld();
    world.store.remove(CLASSES, "workers");
    expect(await world.run()).toEqual({});
  });

  test("of a template asks for the image of the cluster's version", async () => {
    const { run, stored, cloud } = aWorld(aTemplateClass());
    const parameter = "/aws/service/eks/optimized-ami/1.35/amazon-linux-2023/x86_64/standard/recommended/image_id";
    cloud.parameters.set(parameter, "ami-eks");
    await run();
    expect(stored()?.status?.resolvedAMI).toBe("ami-eks");
    expect(conditionOf(stored()?.status, "Ready")?.reason).toBe("Resolved");
  });
});

describe("trouble", () => {
  test("what does not exist is looked for again in a minute, and found", async () => {
    const { run, stored, cloud, time, events } = aWorld();
    const { subnets } = cloud;
    cloud.subnets = [];
    expect(await run()).toEqual({ requeueAt: NOW + 60_000 });
    expect(conditionOf(stored()?.status, "SubnetsReady")?.reason).toBe("NoMatchingResources");
    expect(events()).toMatchObject([{ reason: "ResolutionFailed", message: "no such subnet: subnet-1" }]);
    cloud.subnets = subnets;
    time.now += 60_000;
    await run();
    expect(conditionOf(stored()?.status, "Ready")?.status).toBe("True");
  });

  test("a failed call is shown and then retried by the queue", async () => {
    const { run, stored, cloud } = aWorld();
    cloud.failing.add("findImages");
    await expect(run()).rejects.toThrow("resolving node class my-cluster/workers: finding the image: Throttling");
    expect(conditionOf(stored()?.status, "AMIReady")).toMatchObject({ status: "False", reason: "ResolutionFailed" });
    expect(stored()?.status?.resolvedSubnets).toHaveLength(1);
    cloud.failing.clear();
    await run();
    expect(conditionOf(stored()?.status, "Ready")?.status).toBe("True");
  });

  test("a failed call later leaves the class Ready with what it had, and warns once, counting", async () => {
    const { run, stored, cloud, events } = aWorld();
    await run();
    cloud.failing.add("findImages");
    await expect(run()).rejects.toThrow();
    await expect(run()).rejects.toThrow();
    expect(stored()?.status?.resolvedAMI).toBe("ami-1");
    expect(conditionOf(stored()?.status, "Ready")?.status).toBe("True");
    expect(events()).toMatchObject([{ reason: "ResolutionFailed", count: 2 }]);
  });

  test("what exists no more leaves the status", async () => {
    const { run, stored, cloud } = aWorld();
    await run();
    cloud.images = [];
    await run();
    expect(stored()?.status).not.toHaveProperty("resolvedAMI");
    expect(conditionOf(stored()?.status, "Ready")?.status).toBe("False");
  });
});

describe("deletion", () => {
  test("waits for the last pool, then takes the profile along", async () => {
    const { run, stored, store, cloud } = aWorld(withRole());
    await run();
    store.remove(CLASSES, "workers");
    await run();
    expect(stored()?.metadata.finalizers).toEqual(["stratos.sh/in-use", "stratos.sh/instance-profile"]);
    expect(cloud.profiles.has(PROFILE)).toBe(true);

    store.remove(POOLS, "ci");
    await run();
    expect(stored()).toBeUndefined();
    expect(cloud.profiles.size).toBe(0);
  });

  test("takes in-use off first, and keeps the other finalizer until the profile is gone", async () => {
    const { run, stored, store, cloud } = aWorld(withRole());
    await run();
    store.remove(CLASSES, "workers");
    store.remove(POOLS, "ci");
    cloud.failing.add("deleteProfile");
    await expect(run()).rejects.toThrow("deleteProfile");
    expect(stored()?.metadata.finalizers).toEqual(["stratos.sh/instance-profile"]);
    cloud.failing.clear();
    await run();
    expect(stored()).toBeUndefined();
  });

  test("of a class that was never used is immediate", async () => {
    const { run, stored, store } = aWorld(aNodeClass(), []);
    await run();
    store.remove(CLASSES, "workers");
    expect(stored()).toBeUndefined();
  });

  test("leaves no profile behind, wherever the creating run was interrupted", async () => {
    for (const call of ["createProfile", "addRole"] as const) {
      const { run, stored, store, cloud } = aWorld(withRole(), []);
      cloud.failing.add(call);
      await expect(run()).rejects.toThrow(call);
      store.remove(CLASSES, "workers");
      await run();
      expect(stored()).toBeUndefined();
      expect(cloud.profiles.size).toBe(0);
    }
  });
});

test("a finalizer of somebody else's, put on meanwhile, is not lost", async () => {
  const { run, stored, store } = aWorld(aNodeClass({ finalizers: ["example.com/backup"] }));
  await run();
  expect(stored()?.metadata.finalizers).toEqual(["example.com/backup", "stratos.sh/in-use"]);
  store.remove(POOLS, "ci");
  await run();
  expect(stored()?.metadata.finalizers).toEqual(["example.com/backup"]);
});
