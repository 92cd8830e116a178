import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createClock, type VirtualClock } from "../../../local/clock.ts";
import { type ApiServer, startApiServer } from "../../../local/kubernetes/api-server/start-api-server.ts";
import type { KubeClient } from "../../../shared/kube/client.ts";
import { createKubeClient } from "../../../shared/kube/http-client.ts";

const NAMESPACES = "/api/v1/namespaces";

/** A function's client after the function was frozen for longer than the API server keeps a connection. */
describe("a client that was frozen", () => {
  let clock: VirtualClock;
  let server: ApiServer;
  let unusable: number;
  let client: KubeClient;
  beforeEach(async () => {
    clock = createClock(Number.POSITIVE_INFINITY, Date.UTC(2026, 10, 24));
    const authenticate = async () => ({ user: "stratos", groups: ["system:masters"] });
    server = await startApiServer({ clock, authenticate, idleConnectionMs: 90_000 });
    unusable = 0;
    client = createKubeClient({
      endpoint: server.url,
      ca: server.caPem,
      token: async () => "k8s-aws-v1.token",
      onUnusable: () => {
        unusable += 1;
      },
    });
    await client.get(`${NAMESPACES}/default`);
    await clock.sleep(120_000);
  });
  afterEach(async () => {
    await server.stop();
    clock.stop();
  });

  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "made" } };

  it("reads on a new connection, and keeps its address of the cluster", async () => {
    expect(await client.get(`${NAMESPACES}/default`)).toBeDefined();
    expect(unusable).toBe(0);
  });

  it("creates exactly once", async () => {
    await client.create(NAMESPACES, namespace);
    expect(server.store.get("namespaces", "made")).toBeDefined();
  });

  it("succeeds although more connections were lost than it makes attempts [idle connections]", async () => {
    const get = () => client.get(`${NAMESPACES}/default`);
    await Promise.all(Array.from({ length: 8 }, get));
    await clock.sleep(120_000);
    expect(await get()).toBeDefined();
  });
});
