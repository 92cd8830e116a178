import { expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import { leavingPods } from "../../../../shared/model/kubernetes/pods.ts";
import { listPods } from "../../../../shared/reconcilers/pool/list-pods.ts";
import { createFakeKube } from "../fake-kube.ts";

const NOW = Date.parse("2026-11-27T12:00:00Z");
const LARGE = "x".repeat(1000);
const KEPT = {
  metadata: {
    name: "web",
    namespace: "default",
    uid: "u1",
    creationTimestamp: "2026-11-27T11:00:00Z",
    labels: { app: "web" },
    ownerReferences: [{ kind: "ReplicaSet", name: "web-1", controller: true }],
  },
  spec: {
    nodeName: "node-0",
    terminationGracePeriodSeconds: 60,
    tolerations: [{ operator: "Exists" }],
    volumes: [
      { name: "data", persistentVolumeClaim: { claimName: "data-0" } },
      { name: "scratch", ephemeral: {} },
    ],
  },
  status: {
    phase: "Running",
    conditions: [{ type: "Ready", status: "True" }],
    containerStatuses: [{ state: { running: { startedAt: "2026-11-27T11:00:05Z" } } }],
  },
};

/** A pod as the API server returns it. */
const WHOLE = {
  metadata: { ...KEPT.metadata, annotations: { cni: LARGE }, managedFields: [LARGE] },
  spec: {
    ...KEPT.spec,
    containers: [{ name: "main", image: LARGE }],
    volumes: [{ name: "settings", configMap: { name: LARGE } }, ...KEPT.spec.volumes],
  },
  status: {
    ...KEPT.status,
    conditions: [{ type: "PodScheduled", status: "True" }, ...KEPT.status.conditions],
    containerStatuses: KEPT.status.containerStatuses.map((container) => ({ ...container, imageID: LARGE })),
  },
};

const aCluster = () => {
  const kube = createFakeKube(() => NOW);
  const put = (name: string, pod: typeof WHOLE) =>
    kube.objects.set(paths.pod("default", name), pod as unknown as Parameters<typeof kube.objects.set>[1]);
  put("web", WHOLE);
  put("other", { ...WHOLE, spec: { ...WHOLE.spec, nodeName: "other-pools-node" } });
  return kube;
};

const nodes = (count: number) => Array.from({ length: count }, (_, index) => `node-${index}`);

it.each([
  ["each node", 2],
  ["all nodes", 20],
])("keeps of a pod what decides about its node, from a list of the pods of %s", async (_, count) => {
  const pods = await listPods(aCluster().port, nodes(count));
  expect(pods.get("node-0")).toEqual([KEPT]);
});

it("keeps the annotations by which a pod asks not to be disturbed", async () => {
  const kube = aCluster();
  const asks = {
    "stratos.sh/do-not-disrupt": "true",
    "karpenter.sh/do-not-disrupt": "true",
    "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
  };
  kube.objects.set(paths.pod("default", "web"), {
    ...WHOLE,
    metadata: { ...WHOLE.metadata, annotations: { ...asks, cni: LARGE } },
  } as unknown as Parameters<typeof kube.objects.set>[1]);
  for (const count of [2, 20]) {
    const [pod] = (await listPods(kube.port, nodes(count))).get("node-0") ?? [];
    expect(pod?.metadata.annotations).toEqual(asks);
  }
});

it("keeps no pods of other nodes", async () => {
  expect([...(await listPods(aCluster().port, nodes(20))).keys()]).toEqual(["node-0"]);
});

it("still tells static pods from others", async () => {
  const kube = aCluster();
  const annotations = { "kubernetes.io/config.mirror": "hash", cni: LARGE };
  kube.objects.set(paths.pod("default", "web"), {
    ...WHOLE,
    metadata: { ...WHOLE.metadata, annotations },
  } as unknown as Parameters<typeof kube.objects.set>[1]);
  const [pod] = (await listPods(kube.port, nodes(20))).get("node-0") ?? [];
  expect(pod?.metadata.annotations).toEqual({ "kubernetes.io/config.mirror": "hash" });
  expect(leavingPods(pod ? [pod] : [])).toEqual([]);
});
