import { describe, expect, test } from "vitest";
import { type Api, MERGE, startApi } from "./api-client.ts";
import { aDeployment, aPod, DEPLOYMENTS, PODS } from "./objects.ts";

const BUDGETS = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";
const EVICTION = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "p" } };

const withOwner = async (): Promise<Api> => {
  const api = await startApi();
  const { body } = await api.call("POST", DEPLOYMENTS, aDeployment("web"));
  const { name, uid } = body.metadata;
  const owner = { apiVersion: "apps/v1", kind: "Deployment", name, uid, controller: true };
  const pod = aPod("p");
  await api.call("POST", PODS, { ...pod, metadata: { ...pod.metadata, ownerReferences: [owner] } });
  return api;
};

describe("deleting", () => {
  test("returns a Status for a deleted object, and the object while a finalizer keeps it", async () => {
    const { call } = await startApi();
    const maps = "/api/v1/namespaces/default/configmaps";
    const { body } = await call("POST", maps, { metadata: { name: "c" } });
    expect((await call("DELETE", `${maps}/c`)).body).toMatchObject({
      status: "Success",
      details: { name: "c", kind: "configmaps", uid: body.metadata.uid },
    });
    await call("POST", maps, { metadata: { name: "c", finalizers: ["a.b/c"] } });
    expect((await call("DELETE", `${maps}/c`)).body).toMatchObject({ kind: "ConfigMap", metadata: { name: "c" } });
    const added = await call("PATCH", `${maps}/c`, { metadata: { finalizers: ["a.b/c", "d.e/f"] } }, { type: MERGE });
    expect(added.body.message).toContain("no new finalizers can be added if the object is being deleted");
    await call("PATCH", `${maps}/c`, { metadata: { finalizers: null } }, { type: MERGE });
    expect((await call("GET", `${maps}/c`)).status).toBe(404);
  });

  test("respects preconditions", async () => {
    const { call } = await startApi();
    await call("POST", PODS, aPod("p"));
    expect((await call("DELETE", `${PODS}/p`, { preconditions: { uid: "other" } })).status).toBe(409);
  });

  test("gives a running pod its grace period", async () => {
    const { call } = await startApi();
    await call("POST", PODS, aPod("p", { nodeName: "n1" }));
    expect((await call("DELETE", `${PODS}/p`)).body.metadata.deletionGracePeriodSeconds).toBe(30);
    expect((await call("GET", `${PODS}/p`)).status).toBe(200);
    await call("DELETE", `${PODS}/p`, { gracePeriodSeconds: 0 });
    expect((await call("GET", `${PODS}/p`)).status).toBe(404);
  });

  test("background: the dependents are deleted after the owner", async () => {
    const { call, clock } = await withOwner();
    await call("DELETE", `${DEPLOYMENTS}/web`, { propagationPolicy: "Background" });
    await clock.sleep(1000);
    expect((await call("GET", `${PODS}/p`)).status).toBe(404);
  });

  test("foreground: the owner remains until its dependents are gone", async () => {
    const { call, clock } = await withOwner();
    await call("PATCH", `${PODS}/p`, { metadata: { finalizers: ["a.b/c"] } }, { type: MERGE });
    await call("DELETE", `${DEPLOYMENTS}/web?propagationPolicy=Foreground`);
    await clock.sleep(1000);
    expect((await call("GET", `${DEPLOYMENTS}/web`)).body.metadata.finalizers).toEqual(["foregroundDeletion"]);
    await call("PATCH", `${PODS}/p`, { metadata: { finalizers: null } }, { type: MERGE });
    await clock.sleep(1000);
    expect((await call("GET", `${DEPLOYMENTS}/web`)).status).toBe(404);
  });

  test("orphan: the dependents lose their owner reference and stay", async () => {
    const { call, clock } = await withOwner();
    await call("DELETE", `${DEPLOYMENTS}/web?propagationPolicy=Orphan`);
    await clock.sleep(1000);
    expect((await call("GET", `${DEPLOYMENTS}/web`)).status).toBe(404);
    expect((await call("GET", `${PODS}/p`)).body.metadata.ownerReferences).toBeUndefined();
  });

  test("a namespace deletes everything in it and accepts no new objects while it terminates", async () => {
    const { call, clock } = await startApi();
    await call("POST", "/api/v1/namespaces", { metadata: { name: "ci" } });
    const pod = { ...aPod("p"), metadata: { name: "p", finalizers: ["a.b/c"] } };
    await call("POST", "/api/v1/namespaces/ci/pods", pod);
    expect((await call("DELETE", "/api/v1/namespaces/ci")).body.status.phase).toBe("Terminating");
    expect((await call("POST", "/api/v1/namespaces/ci/pods", { ...pod, metadata: { name: "q" } })).status).toBe(403);
    await call("PATCH", "/api/v1/namespaces/ci/pods/p", { metadata: { finalizers: null } }, { type: MERGE });
    await clock.sleep(1000);
    expect((await call("GET", "/api/v1/namespaces/ci")).status).toBe(404);
  });
});

describe("an eviction", () => {
  const withBudget = async (status: object) => {
    const api = await startApi();
    await api.call("POST", PODS, aPod("p", { nodeName: "n1" }, { app: "web" }));
    const ready = { phase: "Running", conditions: [{ type: "Ready", status: "True" }] };
    await api.call("PATCH", `${PODS}/p/status`, { status: ready }, { type: MERGE });
    const selector = { matchLabels: { app: "web" } };
    await api.call("POST", BUDGETS, { metadata: { name: "pdb" }, spec: { minAvailable: 1, selector } });
    await api.call("PATCH", `${BUDGETS}/pdb/status`, { status }, { type: MERGE });
    return { ...api, evict: () => api.call("POST", `${PODS}/p/eviction`, EVICTION) };
  };

  test("is rejected while the budget allows no disruption, with the message of a real API server", async () => {
    const { evict } = await withBudget({
      observedGeneration: 1,
      desiredHealthy: 1,
      currentHealthy: 1,
      disruptionsAllowed: 0,
    });
    const { status, body } = await evict();
    expect(status).toBe(429);
    expect(body).toMatchObject({
      reason: "TooManyRequests",
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
      details: {
        causes: [
          { reason: "DisruptionBudget", message: "The disruption budget pdb needs 1 healthy pods and has 1 currently" },
        ],
      },
    });
  });

  test("returns Retry-After while the disruption controller has not processed the budget", async () => {
    const { evict } = await withBudget({});
    const { status, headers, body } = await evict();
    expect([status, headers["retry-after"], body.details.retryAfterSeconds]).toEqual([429, "10", 10]);
  });

  test("decrements the allowed disruptions and deletes the pod with its grace period", async () => {
    const { evict, call } = await withBudget({
      observedGeneration: 1,
      desiredHealthy: 1,
      currentHealthy: 2,
      disruptionsAllowed: 1,
    });
    expect((await evict()).status).toBe(201);
    const { body } = await call("GET", `${PODS}/p`);
    expect(body.metadata.deletionTimestamp).toBeDefined();
    expect(body.status.conditions).toContainEqual(
      expect.objectContaining({ type: "DisruptionTarget", status: "True", reason: "EvictionByEvictionAPI" }),
    );
    expect((await call("GET", `${BUDGETS}/pdb`)).body.status).toMatchObject({
      disruptionsAllowed: 0,
      disruptedPods: { p: expect.any(String) },
    });
  });

  test("of a missing pod is a 404", async () => {
    const { call } = await startApi();
    expect((await call("POST", `${PODS}/p/eviction`, EVICTION)).status).toBe(404);
  });
});
