/** The client against the simulated API server's two refusals of an eviction, which have the same code. */
import { expect, it } from "vitest";
import { createKubeClient } from "../../../shared/kube/http-client.ts";
import { paths } from "../../../shared/kube/paths.ts";
import { startApi } from "../../local/kubernetes/api-server/api-client.ts";
import { aPod, PODS } from "../../local/kubernetes/api-server/objects.ts";

const BUDGETS = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";

const withPod = async () => {
  const api = await startApi();
  await api.call("POST", PODS, aPod("p", { nodeName: "n1" }, { app: "web" }));
  const client = createKubeClient({ endpoint: api.url, ca: api.caPem, token: async () => api.adminToken });
  const evict = () =>
    client.create(paths.eviction("default", "p"), {
      apiVersion: "policy/v1",
      kind: "Eviction",
      metadata: { name: "p", namespace: "default" },
    });
  return { api, evict };
};

const isLeaving = async ({ call }: Awaited<ReturnType<typeof startApi>>): Promise<boolean> =>
  (await call("GET", `${PODS}/p`)).body.metadata.deletionTimestamp !== undefined;

it("an eviction that API Priority and Fairness rejects is repeated after Retry-After", async () => {
  const { api, evict } = await withPod();
  api.faults.throttle({ verb: "create", resource: "pods/eviction", times: 1 });
  await evict();
  expect(await isLeaving(api)).toBe(true);
});

it("an eviction that a budget refuses is not repeated by the client", async () => {
  const { api, evict } = await withPod();
  const ready = { phase: "Running", conditions: [{ type: "Ready", status: "True" }] };
  await api.call("PATCH", `${PODS}/p/status`, { status: ready }, { type: "application/merge-patch+json" });
  const selector = { matchLabels: { app: "web" } };
  await api.call("POST", BUDGETS, { metadata: { name: "web" }, spec: { minAvailable: 1, selector } });
  const status = { observedGeneration: 1, desiredHealthy: 1, currentHealthy: 1, disruptionsAllowed: 0 };
  await api.call("PATCH", `${BUDGETS}/web/status`, { status }, { type: "application/merge-patch+json" });
  await expect(evict()).rejects.toMatchObject({ status: 429, reason: "TooManyRequests" });
  const evictions = api.audit.entries().filter(({ subresource }) => subresource === "eviction");
  expect(evictions).toHaveLength(1);
  expect(await isLeaving(api)).toBe(false);
});
