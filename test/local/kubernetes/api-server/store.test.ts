import { describe, expect, test } from "vitest";
import { createStore } from "../../../../local/kubernetes/api-server/create-store.ts";
import type { KubeObject } from "../../../../local/kubernetes/api-server/store.ts";
import { aNode, aPod } from "./objects.ts";

const setup = () => {
  const time = { now: Date.parse("2026-11-24T03:00:00Z") };
  return { time, store: createStore({ clock: { now: () => time.now } }) };
};

describe("the store", () => {
  test("increments the generation for spec changes only, and does not write an unchanged object", () => {
    const { store } = setup();
    const created = store.create<KubeObject>("deployments.apps", {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web", namespace: "default" },
      spec: { replicas: 1 },
    });
    const scaled = store.change<KubeObject>("deployments.apps", "web", "default", (object) => {
      object.spec = { ...(object.spec as object), replicas: 2 };
    });
    const reported = store.change<KubeObject>("deployments.apps", "web", "default", (object) => {
      object.status = { replicas: 2 };
    });
    const same = store.change<KubeObject>("deployments.apps", "web", "default", () => undefined);
    expect([created.metadata, scaled?.metadata, reported?.metadata].map((metadata) => metadata?.generation)).toEqual([
      1, 2, 2,
    ]);
    expect(same).toBe(reported);
  });

  test("returns objects that cannot be modified", () => {
    const { store } = setup();
    const node = store.create("nodes", aNode("n1"));
    expect(() => Object.assign(node.spec, { unschedulable: true })).toThrow(TypeError);
  });

  test("writes only the status with `status: true`", () => {
    const { store } = setup();
    store.create("nodes", aNode("n1"));
    store.change(
      "nodes",
      "n1",
      undefined,
      (node) => {
        node.spec = { unschedulable: true } as never;
        node.status = { phase: "x" };
      },
      { status: true },
    );
    expect(store.get("nodes", "n1")).toMatchObject({ spec: {}, status: { phase: "x" } });
  });

  test("keeps a deleted pod that is bound to a node until it is removed with grace period 0", () => {
    const { store } = setup();
    store.create("pods", aPod("bound", { nodeName: "n1", terminationGracePeriodSeconds: 20 }));
    store.create("pods", aPod("unbound"));
    for (const name of ["bound", "unbound"]) store.remove("pods", name, "default");
    expect(store.get("pods", "unbound", "default")).toBeUndefined();
    expect(store.get("pods", "bound", "default")?.metadata).toMatchObject({
      deletionGracePeriodSeconds: 20,
      deletionTimestamp: "2026-11-24T03:00:20Z",
    });
    store.remove("pods", "bound", "default", { gracePeriodSeconds: 0 });
    expect(store.get("pods", "bound", "default")).toBeUndefined();
  });

  test("removes a deleted object when its last finalizer is removed", () => {
    const { store } = setup();
    store.create("configmaps", {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "c", namespace: "default", finalizers: ["a.b/c"] },
    });
    store.remove("configmaps", "c", "default");
    expect(store.get("configmaps", "c", "default")?.metadata.deletionTimestamp).toBeDefined();
    store.change("configmaps", "c", "default", ({ metadata }) => {
      metadata.finalizers = [];
    });
    expect(store.get("configmaps", "c", "default")).toBeUndefined();
  });

  test("notifies all listeners in the same order, including about writes that a listener makes", () => {
    const { store } = setup();
    const seen: string[] = [];
    store.subscribe("nodes", ({ type }) => {
      if (type !== "ADDED") return;
      store.change("nodes", "n1", undefined, (node) => {
        node.spec = { unschedulable: true } as never;
      });
    });
    store.subscribe("nodes", ({ type, object }) => seen.push(`${type} ${object.metadata.resourceVersion}`));
    store.create("nodes", aNode("n1"));
    expect(seen).toEqual(["ADDED 2", "MODIFIED 3"]);
  });

  test("gives pods the defaults that scheduling and eviction need", () => {
    const { store } = setup();
    const pod = store.create(
      "pods",
      aPod("p", { tolerations: [{ key: "node.kubernetes.io/not-ready", operator: "Exists" }] }),
    );
    expect(pod).toMatchObject({
      spec: {
        restartPolicy: "Always",
        terminationGracePeriodSeconds: 30,
        tolerations: [
          { key: "node.kubernetes.io/not-ready" },
          { key: "node.kubernetes.io/unreachable", effect: "NoExecute", tolerationSeconds: 300 },
        ],
      },
      status: { phase: "Pending", qosClass: "BestEffort" },
    });
  });
});
