import { describe, expect, test } from "vitest";
import { createKubeClient } from "../../../../shared/kube/http-client.ts";
import { type Api, MERGE, STRATEGIC, startApi } from "./api-client.ts";
import { aPod, PODS } from "./objects.ts";

const NODES = "/api/v1/nodes";
const EVICTION = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "p" } };
const label = (value: string) => ({ metadata: { labels: { changed: value } } });

const withNode = async (): Promise<Api> => {
  const api = await startApi();
  await api.call("POST", NODES, { metadata: { name: "n1" } });
  await api.call("POST", PODS, aPod("p", { nodeName: "n1" }));
  return api;
};

/** A client that does not wait as long as the default one. */
const impatientClient = ({ url, caPem, adminToken }: Api) =>
  createKubeClient({ endpoint: url, ca: caPem, token: async () => adminToken, timeoutMs: 50 });

describe("throttle", () => {
  test("rejects a request in plain text with Retry-After, as API Priority and Fairness does", async () => {
    const { call, faults } = await withNode();
    faults.throttle({ verb: "list", resource: "nodes", times: 1 });
    const { status, headers, body } = await call("GET", NODES);
    expect([status, body]).toEqual([429, "Too many requests, please try again later.\n"]);
    expect(headers).toMatchObject({
      "retry-after": "1",
      "content-type": "text/plain; charset=utf-8",
      "x-kubernetes-pf-flowschema-uid": expect.any(String),
      "x-kubernetes-pf-prioritylevel-uid": expect.any(String),
    });
    expect((await call("GET", NODES)).status).toBe(200);
  });

  test("rejects an eviction without evicting, until it is called off", async () => {
    const { call, faults } = await withNode();
    const end = faults.throttle({ verb: "create", resource: "pods/eviction", retryAfterSeconds: 7 });
    const { status, headers } = await call("POST", `${PODS}/p/eviction`, EVICTION);
    expect([status, headers["retry-after"]]).toEqual([429, "7"]);
    expect((await call("GET", `${PODS}/p`)).body.metadata.deletionTimestamp).toBeUndefined();
    end();
    expect((await call("POST", `${PODS}/p/eviction`, EVICTION)).status).toBe(201);
  });
});

describe("connections", () => {
  test("a delayed response takes that long in the clock's time, within the range", async () => {
    const { call, clock, faults } = await withNode();
    const end = faults.delay("get", "nodes", { least: 60_000, most: 90_000 });
    const before = clock.now();
    await call("GET", `${NODES}/n1`);
    const took = clock.now() - before;
    expect(took).toBeGreaterThanOrEqual(60_000);
    expect(took).toBeLessThan(100_000);
    end();
    const later = clock.now();
    await call("GET", `${NODES}/n1`);
    expect(clock.now() - later).toBeLessThan(60_000);
  });

  test.each([
    ["hang before", undefined],
    ["hang after", "yes"],
    ["reset", "yes"],
  ] as const)("%s: the client gets no response; the change is %s", async (breakage, changed) => {
    const api = await withNode();
    api.faults.breakNext("patch", "nodes", breakage, 3);
    await expect(impatientClient(api).patch(`${NODES}/n1`, "merge", label("yes"))).rejects.toThrow(`PATCH ${NODES}/n1`);
    expect((await api.call("GET", `${NODES}/n1`)).body.metadata.labels?.changed).toBe(changed);
  });

  test("a request that hangs does not stop the clock", async () => {
    const api = await withNode();
    api.faults.breakNext("get", "nodes", "hang before");
    const hanging = impatientClient(api).get(`${NODES}/n1`);
    await api.clock.sleep(3_600_000);
    expect(await hanging).toMatchObject({ metadata: { name: "n1" } });
  });
});

describe("a webhook", () => {
  test("denies with its message, and only what it is registered for", async () => {
    const { call, faults } = await withNode();
    const end = faults.webhook({
      name: "validate.kyverno.svc-fail",
      operation: "UPDATE",
      resource: "nodes",
      behavior: { deny: "labels are read-only", code: 403, reason: "Forbidden" },
    });
    const { status, body } = await call("PATCH", `${NODES}/n1`, label("yes"), { type: STRATEGIC });
    expect([status, body.reason, body.message]).toEqual([
      403,
      "Forbidden",
      'admission webhook "validate.kyverno.svc-fail" denied the request: labels are read-only',
    ]);
    expect((await call("PATCH", `${NODES}/n1/status`, label("yes"), { type: STRATEGIC })).status).toBe(200);
    expect((await call("GET", NODES)).status).toBe(200);
    expect((await call("PATCH", `${NODES}/missing`, label("yes"), { type: MERGE })).status).toBe(404);
    end();
    expect((await call("PATCH", `${NODES}/n1`, label("yes"), { type: MERGE })).status).toBe(200);
  });

  test("denies the eviction of one pod", async () => {
    const { call, faults } = await withNode();
    await call("POST", PODS, aPod("other", { nodeName: "n1" }));
    faults.webhook({ operation: "CREATE", resource: "pods/eviction", objectName: "p", behavior: { deny: "no" } });
    expect((await call("POST", `${PODS}/p/eviction`, EVICTION)).status).toBe(400);
    expect((await call("POST", `${PODS}/other/eviction`, EVICTION)).status).toBe(201);
  });

  test("that times out delays the request and fails it", async () => {
    const { call, clock, faults } = await withNode();
    faults.webhook({ operation: "*", resource: "nodes", behavior: { timeoutMs: 10_000 } });
    const before = clock.now();
    const { status, body } = await call("DELETE", `${NODES}/n1`);
    expect(clock.now() - before).toBeGreaterThanOrEqual(10_000);
    expect([status, body.reason]).toEqual([500, "InternalError"]);
    expect(body.message).toMatch(
      /^Internal error occurred: failed calling webhook "policy\.example\.com": failed to call/,
    );
    expect((await call("GET", `${NODES}/n1`)).status).toBe(200);
  });

  test("that times out with the policy Ignore only delays the request", async () => {
    const { call, clock, faults } = await withNode();
    const behavior = { timeoutMs: 10_000, failurePolicy: "Ignore" } as const;
    faults.webhook({ operation: "DELETE", resource: "nodes", behavior });
    const before = clock.now();
    expect((await call("DELETE", `${NODES}/n1`)).status).toBe(200);
    expect(clock.now() - before).toBeGreaterThanOrEqual(10_000);
  });

  test("changes objects before they are validated and stored", async () => {
    const { call, faults } = await withNode();
    faults.webhook({
      operation: "UPDATE",
      resource: "nodes",
      behavior: {
        mutate: ({ metadata }) => Object.assign(metadata, { labels: { ...metadata.labels, owner: "policy" } }),
      },
    });
    const { body } = await call("PATCH", `${NODES}/n1`, label("yes"), { type: MERGE });
    expect(body.metadata.labels).toEqual({ changed: "yes", owner: "policy" });
  });
});
