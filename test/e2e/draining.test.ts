import { describe, expect, it } from "vitest";
import type { Environment } from "../../local/environment/start.ts";
import type { KubeObject } from "../../local/kubernetes/api-server/store.ts";
import {
  burstPods,
  callsOf,
  eventsOf,
  MINUTE,
  NO_MORE,
  type PodObject,
  pool,
  QUICK_TO_STOP,
  serveOne,
  shareStratos,
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

/** A pod without a controller. */
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

const stratos = shareStratos();

const podsOn = ({ kube }: Environment, node: string) =>
  kube.store
    .list<PodObject>("pods")
    .filter(({ spec, status }) => spec.nodeName === node && status?.phase === "Running");

const isDaemon = ({ metadata }: PodObject): boolean => metadata.ownerReferences?.[0]?.kind === "DaemonSet";

/** Collects the names of pods other than daemons' that still run on a node when its instance begins to stop or terminate. */
const watchStops = (environment: Environment): string[] => {
  const found: string[] = [];
  environment.ec2.machines.subscribe(({ machine, state }) => {
    if (state !== "stopping" && state !== "shutting-down") return;
    const pods = podsOn(environment, machine.privateDnsName).filter((pod) => !isDaemon(pod));
    found.push(...pods.map(({ metadata }) => metadata.name));
  });
  return found;
};

/** The node that the first pod runs on, and the pods that still ran when a node was stopped. */
const serving = async (
  scaleDown: object = {},
): Promise<{ environment: Environment; node: string; underPods: string[] }> => {
  const environment = await stratos({ ...NO_MORE, scaleDown: { ...QUICK_TO_STOP.scaleDown, ...scaleDown } });
  const { nodeName } = await serveOne(environment);
  return { environment, node: nodeName, underPods: watchStops(environment) };
};

const recycle = ({ kube }: Environment, maxNodeRuntime = "3m") =>
  kube.client.patch(POOL, "merge", { spec: { maxNodeRuntime } });

const stops = (environment: Environment) => callsOf(environment, "StopInstances").length;

const untilStopped = (environment: Environment, withinMs = 10 * MINUTE) => {
  const before = stops(environment);
  return environment.until("a node is stopped", () => stops(environment) > before, { withinMs });
};

/** The first ones are those of the deployment, until the access entry takes effect. */
const reconcileErrors = ({ functions }: Environment): number =>
  functions.metrics().filter(({ name }) => name === "ReconcileErrors").length;

describe("draining", () => {
  it("retries ever less often against a disruption budget, counts no error, and continues once the budget allows it", async () => {
    const { environment, node, underPods } = await serving({ drainTimeout: "1h" });
    await environment.kube.client.create(BUDGETS, BUDGET);
    const before = reconcileErrors(environment);
    await recycle(environment);
    await environment.clock.sleep(15 * MINUTE);
    const refused = environment.kube.audit
      .entries()
      .filter(({ path, code }) => /\/eviction$/.test(path) && code === 429);
    expect(refused.length).toBeGreaterThan(10);
    expect(refused.length).toBeLessThan(35);
    expect(podsOn(environment, node).map(({ metadata }) => metadata.labels?.app)).toContain("burst");
    expect(reconcileErrors(environment)).toBe(before);
    await environment.kube.client.delete(`${BUDGETS}/burst`);
    await untilStopped(environment);
    expect(eventsOf(environment, "DrainTimeout")).toEqual([]);
    expect(underPods).toEqual([]);
  });

  it("deletes the remaining pods after drainTimeout and names them once", async () => {
    const { environment, underPods } = await serving({ drainTimeout: "2m" });
    const [{ metadata: { name = "" } = {} } = {}] = burstPods(environment);
    await environment.kube.client.create(BUDGETS, BUDGET);
    await recycle(environment, "10m");
    await untilStopped(environment, 20 * MINUTE);
    expect(eventsOf(environment, "DrainTimeout").map(({ message }) => message)).toEqual([
      expect.stringContaining(name),
    ]);
    expect(underPods).toEqual([]);
    await environment.kube.client.delete(`${BUDGETS}/burst`);
  });

  it("evicts pods with an emptyDir, and names those that no controller recreates", async () => {
    const environment = await stratos(NO_MORE);
    await environment.kube.client.create(PODS, LONE_POD);
    const lone = () => environment.kube.store.get<PodObject>("pods", "lone", "default");
    await environment.until("the pod runs", () => lone()?.status?.phase === "Running", { withinMs: 5 * MINUTE });
    const underPods = watchStops(environment);
    await recycle(environment);
    await untilStopped(environment);
    expect(lone()).toBeUndefined();
    expect(eventsOf(environment, "UnmanagedPods").map(({ message }) => message)).toEqual([
      expect.stringContaining("default/lone"),
    ]);
    expect(underPods).toEqual([]);
  });

  it("delays the stop while a volume is attached, but not forever", async () => {
    const { environment, node } = await serving();
    await environment.kube.client.create(ATTACHMENTS, {
      apiVersion: "storage.k8s.io/v1",
      kind: "VolumeAttachment",
      metadata: { name: "csi-1" },
      spec: { attacher: "ebs.csi.aws.com", nodeName: node, source: { persistentVolumeName: "pv-1" } },
    });
    const drainedFrom = environment.clock.now();
    await environment.kube.client.delete("/apis/apps/v1/namespaces/default/deployments/burst");
    await untilStopped(environment, 20 * MINUTE);
    expect(environment.clock.now() - drainedFrom).toBeGreaterThan(6 * MINUTE);
    expect(eventsOf(environment, "VolumesAttached")).toHaveLength(1);
    expect(pool(environment)?.status?.total).toBeGreaterThanOrEqual(3);
    await environment.kube.client.delete(`${ATTACHMENTS}/csi-1`);
  });
});
