import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../../../../local/kubernetes/api-server/store.ts";
import { aReadyNode, createStage } from "../../stage.ts";

const template = (container: object = {}, spec: object = {}) => ({
  metadata: { labels: { app: "web" } },
  spec: { containers: [{ name: "main", image: "registry.k8s.io/pause:3.10", ...container }], ...spec },
});

const aDeployment = (replicas: number, more: object = {}): KubeObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "default" },
  spec: { replicas, selector: { matchLabels: { app: "web" } }, template: template(), ...more },
});

const aDaemonSet = (more: object = {}): KubeObject => ({
  apiVersion: "apps/v1",
  kind: "DaemonSet",
  metadata: { name: "agent", namespace: "default" },
  spec: { selector: { matchLabels: { app: "web" } }, template: template(), ...more },
});

const aJob = (command: string[], more: object = {}): KubeObject => ({
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name: "task", namespace: "default" },
  spec: { template: template({ command }, { restartPolicy: "Never" }), ...more },
});

const status = (stage: ReturnType<typeof createStage>, resource: string, name: string) =>
  (stage.store.get(resource, name, "default")?.status ?? {}) as Record<string, unknown>;

describe("a Deployment", () => {
  it("runs the desired number of pods, named after their ReplicaSet", async () => {
    const stage = createStage();
    await aReadyNode(stage);
    stage.store.create("deployments.apps", aDeployment(3));
    await stage.advance(3);
    const [set] = stage.store.list("replicasets.apps");
    expect(stage.pods(`${set?.metadata.name}-`)).toHaveLength(3);
    expect(status(stage, "deployments.apps", "web")).toMatchObject({
      replicas: 3,
      readyReplicas: 3,
      updatedReplicas: 3,
    });
    expect(status(stage, "deployments.apps", "web").conditions).toContainEqual(
      expect.objectContaining({ type: "Available", status: "True" }),
    );
  });

  it("replaces a deleted pod and follows changes of its replicas", async () => {
    const stage = createStage();
    await aReadyNode(stage);
    stage.store.create("deployments.apps", aDeployment(2));
    await stage.advance(3);
    const [first] = stage.pods("web-");
    stage.store.remove("pods", first?.metadata.name ?? "", "default");
    await stage.advance(3);
    expect(stage.pods("web-")).toHaveLength(2);
    stage.store.change<KubeObject & { spec: { replicas: number } }>(
      "deployments.apps",
      "web",
      "default",
      ({ spec }) => {
        spec.replicas = 0;
      },
    );
    await stage.advance(3);
    expect(stage.pods("web-")).toHaveLength(0);
    expect(status(stage, "deployments.apps", "web")).toMatchObject({ replicas: 0, readyReplicas: 0 });
  });

  it("rolls out a new template without dropping below the allowed number of available pods", async () => {
    const stage = createStage();
    await aReadyNode(stage);
    stage.store.create("deployments.apps", aDeployment(4));
    await stage.advance(3);
    let minAvailable = 4;
    stage.store.subscribe("deployments.apps", () => {
      minAvailable = Math.min(minAvailable, Number(status(stage, "deployments.apps", "web").availableReplicas ?? 0));
    });
    stage.store.change<KubeObject & { spec: object }>("deployments.apps", "web", "default", ({ spec }) => {
      Object.assign(spec, { template: template({ args: ["new"] }) });
    });
    await stage.advance(30);
    expect(stage.pods("web-").map(({ spec }) => spec.containers[0]?.args)).toEqual(Array(4).fill(["new"]));
    expect(minAvailable).toBeGreaterThanOrEqual(3);
    expect(stage.store.list("replicasets.apps")).toHaveLength(2);
  });

  it("stops all old pods first with the Recreate strategy", async () => {
    const stage = createStage();
    await aReadyNode(stage);
    stage.store.create("deployments.apps", aDeployment(2, { strategy: { type: "Recreate" } }));
    await stage.advance(3);
    let maxActive = 0;
    stage.store.subscribe("pods", () => {
      maxActive = Math.max(maxActive, stage.pods("web-").filter(({ metadata }) => !metadata.deletionTimestamp).length);
    });
    stage.store.change<KubeObject & { spec: object }>("deployments.apps", "web", "default", ({ spec }) => {
      Object.assign(spec, { template: template({ args: ["new"] }) });
    });
    await stage.advance(10);
    expect(stage.pods("web-").map(({ spec }) => spec.containers[0]?.args)).toEqual([["new"], ["new"]]);
    expect(maxActive).toBe(2);
  });
});

describe("a DaemonSet", () => {
  it("runs a pod on each node whose taints it tolerates, including cordoned nodes", async () => {
    const stage = createStage();
    const one = await aReadyNode(stage);
    const two = await aReadyNode(stage);
    stage.changeNode(one.privateDnsName, ({ spec }) => {
      spec.unschedulable = true;
    });
    stage.changeNode(two.privateDnsName, ({ spec }) => {
      spec.taints = [{ key: "team", value: "a", effect: "NoSchedule" }];
    });
    stage.store.create("daemonsets.apps", aDaemonSet());
    await stage.advance(3);
    expect(stage.pods("agent-").map(({ spec }) => spec.nodeName)).toEqual([one.privateDnsName]);
    expect(status(stage, "daemonsets.apps", "agent")).toMatchObject({ desiredNumberScheduled: 1, numberReady: 1 });
    stage.changeNode(two.privateDnsName, ({ spec }) => {
      spec.taints = [];
    });
    await stage.advance(3);
    expect(stage.pods("agent-")).toHaveLength(2);
  });

  it("that tolerates everything, like aws-node, keeps the pod of a stopped node and counts it as unavailable", async () => {
    const stage = createStage();
    const { instanceId } = await aReadyNode(stage);
    stage.store.create(
      "daemonsets.apps",
      aDaemonSet({ template: template({}, { tolerations: [{ operator: "Exists" }] }) }),
    );
    await stage.advance(3);
    const before = stage.pods("agent-").map(({ metadata }) => metadata.uid);
    stage.machines.stop(instanceId);
    await stage.advance(600);
    expect(stage.pods("agent-").map(({ metadata }) => metadata.uid)).toEqual(before);
    expect(status(stage, "daemonsets.apps", "agent")).toMatchObject({ numberUnavailable: 1, numberReady: 0 });
  });

  it("replaces its pods one node at a time when its template changes", async () => {
    const stage = createStage();
    await aReadyNode(stage);
    await aReadyNode(stage);
    stage.store.create("daemonsets.apps", aDaemonSet());
    await stage.advance(3);
    let minAvailable = 2;
    stage.store.subscribe("daemonsets.apps", () => {
      minAvailable = Math.min(minAvailable, Number(status(stage, "daemonsets.apps", "agent").numberReady ?? 0));
    });
    stage.store.change<KubeObject & { spec: object }>("daemonsets.apps", "agent", "default", ({ spec }) => {
      Object.assign(spec, { template: template({ args: ["new"] }) });
    });
    await stage.advance(15);
    expect(stage.pods("agent-").map(({ spec }) => spec.containers[0]?.args)).toEqual([["new"], ["new"]]);
    expect(minAvailable).toBe(1);
  });
});

describe("a Job", () => {
  it("completes when enough pods succeed, and respects its parallelism", async () => {
    const stage = createStage();
    await aReadyNode(stage);
    let maxActive = 0;
    stage.store.subscribe("jobs.batch", () => {
      maxActive = Math.max(maxActive, Number(status(stage, "jobs.batch", "task").active ?? 0));
    });
    stage.store.create("jobs.batch", aJob(["sleep", "5"], { completions: 4, parallelism: 2 }));
    await stage.advance(20);
    expect(status(stage, "jobs.batch", "task")).toMatchObject({ succeeded: 4, active: 0 });
    expect(status(stage, "jobs.batch", "task").conditions).toContainEqual(
      expect.objectContaining({ type: "Complete", status: "True" }),
    );
    expect(maxActive).toBe(2);
  });

  it("fails when its pods exceed the backoff limit", async () => {
    const stage = createStage();
    await aReadyNode(stage);
    stage.store.create("jobs.batch", aJob(["false"], { backoffLimit: 1 }));
    await stage.advance(20);
    expect(status(stage, "jobs.batch", "task")).toMatchObject({ failed: 2 });
    expect(status(stage, "jobs.batch", "task").conditions).toContainEqual(
      expect.objectContaining({ type: "Failed", reason: "BackoffLimitExceeded" }),
    );
  });
});

describe("a PodDisruptionBudget", () => {
  const aBudget = (spec: object): KubeObject => ({
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: "web", namespace: "default" },
    spec: { selector: { matchLabels: { app: "web" } }, ...spec },
  });

  it.each([
    [{ minAvailable: 2 }, { expectedPods: 3, desiredHealthy: 2, disruptionsAllowed: 1 }],
    [{ minAvailable: "50%" }, { expectedPods: 3, desiredHealthy: 2, disruptionsAllowed: 1 }],
    [{ maxUnavailable: 2 }, { expectedPods: 3, desiredHealthy: 1, disruptionsAllowed: 2 }],
    [{ maxUnavailable: 0 }, { expectedPods: 3, desiredHealthy: 3, disruptionsAllowed: 0 }],
  ])("with %o allows the matching number of disruptions of three pods", async (spec, expected) => {
    const stage = createStage();
    await aReadyNode(stage);
    stage.store.create("deployments.apps", aDeployment(3));
    stage.store.create("poddisruptionbudgets.policy", aBudget(spec));
    await stage.advance(3);
    expect(status(stage, "poddisruptionbudgets.policy", "web")).toMatchObject({ currentHealthy: 3, ...expected });
  });

  it("allows no disruption while the pods are not ready", async () => {
    const stage = createStage();
    stage.store.create("deployments.apps", aDeployment(3));
    stage.store.create("poddisruptionbudgets.policy", aBudget({ minAvailable: 2 }));
    await stage.advance(3);
    expect(status(stage, "poddisruptionbudgets.policy", "web")).toMatchObject({
      currentHealthy: 0,
      disruptionsAllowed: 0,
    });
  });
});
