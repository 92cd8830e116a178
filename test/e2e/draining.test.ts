import { describe, expect, it } from "vitest";
import type { Environment } from "../../local/environment/start.ts";
import type { KubeObject } from "../../local/kubernetes/api-server/store.ts";
import {
  burstPods,
  callsOf,
  MINUTE,
  type PodObject,
  pool,
  QUICK_TO_STOP,
  quickStart,
  serveOne,
  startStratos,
  told,
} from "./stratos.ts";

const POOL = "/apis/stratos.sh/v1alpha1/nodepools/workers";
const PODS = "/api/v1/namespaces/default/pods";
const BUDGETS = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";
const ATTACHMENTS = "/apis/storage.k8s.io/v1/volumeattachments";

const BUDGET = {
  apiVersion: "policy/v1",
  kind: "PodDisruptionBudget",
  metadata: { name: "burst", namespace: "default" },
  spec: { minAvailable: 1, selector: { matchLabels: { app: "burst" } } },
};

/** Pods of nobody that stay for as long as they are let. */
const LONE_POD: KubeObject = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "lone", namespace: "default" },
  spec: {
    nodeSelector: { "stratos.sh/pool": "workers" },
    volumes: [{ name: "scratch", emptyDir: {} }],
    containers: [
      {
        name: "main",
        image: "registry.k8s.io/pause:3.10",
        volumeMounts: [{ name: "scratch", mountPath: "/scratch" }],
        resources: { requests: { cpu: "800m" } },
      },
    ],
  },
};

const podsOn = ({ kube }: Environment, node: string) =>
  kube.store
    .list<PodObject>("pods")
    .filter(({ spec, status }) => spec.nodeName === node && status?.phase === "Running");

/** Pods that ran on a node at the moment its instance was asked to stop, or to end. */
const watchStops = (embedded: Environment): string[] => {
  const found: string[] = [];
  embedded.ec2.machines.subscribe(({ machine, state }) => {
    if (state !== "stopping" && state !== "shutting-down") return;
    found.push(...podsOn(embedded, machine.privateDnsName).map(({ metadata }) => metadata.name ?? ""));
  });
  return found;
};

/** The node that the first pod runs on, and the pods that are found to have been stopped with a node. */
const serving = async (
  scaleDown: object = {},
): Promise<{ embedded: Environment; node: string; underPods: string[] }> => {
  const { embedded, nodeName } = await serveOne({ scaleDown: { ...QUICK_TO_STOP.scaleDown, ...scaleDown } });
  return { embedded, node: nodeName, underPods: watchStops(embedded) };
};

const recycle = ({ kube }: Environment, maxNodeRuntime = "3m") =>
  kube.client.patch(POOL, "merge", { spec: { maxNodeRuntime } });

const stops = (embedded: Environment) => callsOf(embedded, "StopInstances").length;

const untilStopped = (embedded: Environment, withinMs = 10 * MINUTE) => {
  const before = stops(embedded);
  return embedded.until("a node is stopped", () => stops(embedded) > before, { withinMs });
};

describe("draining", () => {
  it("asks a disruption budget ever more seldom, fails nothing by it, and goes on when it gives way", async () => {
    const { embedded, node, underPods } = await serving({ drainTimeout: "1h" });
    await embedded.kube.client.create(BUDGETS, BUDGET);
    await recycle(embedded);
    await embedded.clock.sleep(15 * MINUTE);
    const refused = embedded.kube.audit.entries().filter(({ path, code }) => /\/eviction$/.test(path) && code === 429);
    expect(refused.length).toBeGreaterThan(10);
    expect(refused.length).toBeLessThan(35);
    expect(podsOn(embedded, node).map(({ metadata }) => metadata.labels?.app)).toContain("burst");
    expect(embedded.functions.metrics().filter(({ name }) => name === "ReconcileErrors")).toEqual([]);
    await embedded.kube.client.delete(`${BUDGETS}/burst`);
    await untilStopped(embedded);
    expect(told(embedded, "DrainTimeout")).toEqual([]);
    expect(underPods).toEqual([]);
  });

  it("deletes what is left after drainTimeout and names it once", async () => {
    const { embedded, underPods } = await serving({ drainTimeout: "2m" });
    const [{ metadata: { name = "" } = {} } = {}] = burstPods(embedded);
    await embedded.kube.client.create(BUDGETS, BUDGET);
    await recycle(embedded, "10m");
    await untilStopped(embedded, 20 * MINUTE);
    expect(told(embedded, "DrainTimeout").map(({ message }) => message)).toEqual([expect.stringContaining(name)]);
    expect(underPods).toEqual([]);
  });

  it("evicts pods with an emptyDir, and names those that nobody makes again", async () => {
    const embedded = await startStratos();
    await quickStart(embedded, QUICK_TO_STOP);
    await embedded.kube.client.create(PODS, LONE_POD);
    const lone = () => embedded.kube.store.get<PodObject>("pods", "lone", "default");
    await embedded.until("it runs", () => lone()?.status?.phase === "Running", { withinMs: 5 * MINUTE });
    const underPods = watchStops(embedded);
    await recycle(embedded);
    await untilStopped(embedded);
    expect(lone()).toBeUndefined();
    expect(told(embedded, "UnmanagedPods").map(({ message }) => message)).toEqual([
      expect.stringContaining("default/lone"),
    ]);
    expect(underPods).toEqual([]);
  });

  it("holds the stop back while a volume is attached, but not for ever", async () => {
    const { embedded, node } = await serving();
    await embedded.kube.client.create(ATTACHMENTS, {
      apiVersion: "storage.k8s.io/v1",
      kind: "VolumeAttachment",
      metadata: { name: "csi-1" },
      spec: { attacher: "ebs.csi.aws.com", nodeName: node, source: { persistentVolumeName: "pv-1" } },
    });
    const drainedFrom = embedded.clock.now();
    await embedded.kube.client.delete("/apis/apps/v1/namespaces/default/deployments/burst");
    await untilStopped(embedded, 20 * MINUTE);
    expect(embedded.clock.now() - drainedFrom).toBeGreaterThan(6 * MINUTE);
    expect(told(embedded, "VolumesAttached")).toHaveLength(1);
    expect(pool(embedded)?.status?.total).toBeGreaterThanOrEqual(3);
  });
});
