import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Body, type Calls, callsTo } from "./calls.ts";
import { type Cluster, eventually, type Suite } from "./cluster.ts";
import { conditionOf, isReady, isRunning, nodeIn } from "./node.ts";
import { NODES, PODS } from "./objects.ts";

const BUDGETS = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";
const APPS = "/apis/apps/v1/namespaces/default";

/** Keeps a deleted pod until a test has read it: at a simulated cluster's speed, it could be gone between two looks. */
const FINALIZER = "example.com/keep";

const podSpec = (more: object = {}) => ({
  terminationGracePeriodSeconds: 1,
  containers: [{ name: "main", image: "registry.k8s.io/pause:3.10" }],
  ...more,
});

const aPod = (name: string, app: string, more: object, finalizers: readonly string[]) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, labels: { app }, finalizers },
  spec: podSpec(more),
});

const aBudget = (name: string, app: string) => ({
  apiVersion: "policy/v1",
  kind: "PodDisruptionBudget",
  metadata: { name },
  spec: { minAvailable: 1, selector: { matchLabels: { app } } },
});

const aWorkload = (kind: string, name: string, more: object = {}) => ({
  apiVersion: "apps/v1",
  kind,
  metadata: { name },
  spec: {
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: podSpec() },
    ...more,
  },
});

export const describeEvicting: Suite = (implementation, connect) => {
  describe(`Pods that must leave a node of ${implementation}`, () => {
    let cluster: Cluster;
    let calls: Calls;
    let node: string;

    beforeAll(async () => {
      cluster = await connect();
      calls = callsTo(cluster);
      node = cluster.nodeNameOf("first");
      await cluster.powerOn("first");
      await eventually("the node to be Ready", async () => nodeIn(await calls.get(`${NODES}/${node}`), isReady));
    });
    afterAll(async () => {
      await calls.delete(`${PODS}`, { gracePeriodSeconds: 0 });
      await cluster.powerOff("first");
      await calls.delete(`${NODES}/${node}`);
    });

    const create = async (name: string, app: string, more: object = {}, finalizers: readonly string[] = []) => {
      const { status, body } = await calls.create(PODS, aPod(name, app, more, finalizers));
      if (status !== 201) throw new Error(`creating ${name}: ${body.message}`);
    };
    const release = async (name: string) => {
      await calls.patch(`${PODS}/${name}`, "merge", { metadata: { finalizers: null } });
      await gone(name);
    };
    const ready = (name: string) =>
      eventually(`${name} to run`, async () => nodeIn(await calls.get(`${PODS}/${name}`), isRunning));
    const gone = (name: string) =>
      eventually(`${name} to be gone`, async () => (await calls.get(`${PODS}/${name}`)).status === 404 || undefined);
    const evict = (name: string) =>
      calls.create(`${PODS}/${name}/eviction`, { apiVersion: "policy/v1", kind: "Eviction", metadata: { name } });
    const counted = (name: string, allowed: number) =>
      eventually(`${name} to allow ${allowed}`, async () => {
        const { status } = (await calls.get(`${BUDGETS}/${name}`)).body;
        const { disruptionsAllowed, observedGeneration } = (status ?? {}) as Record<string, number>;
        return (observedGeneration === 1 && disruptionsAllowed === allowed) || undefined;
      });
    const podsOf = async (app: string): Promise<readonly Body[]> =>
      (await calls.get(`${PODS}?labelSelector=app=${app}`)).body.items ?? [];

    test("an eviction is refused while the budget needs the pod, and granted once there is another", async () => {
      await create("guarded-1", "guarded");
      await ready("guarded-1");
      await calls.create(BUDGETS, aBudget("guarded", "guarded"));
      await counted("guarded", 0);
      const { status, body } = await evict("guarded-1");
      expect(status).toBe(429);
      expect(body).toMatchObject({
        reason: "TooManyRequests",
        message: "Cannot evict pod as it would violate the pod's disruption budget.",
        details: {
          causes: [
            {
              reason: "DisruptionBudget",
              message: "The disruption budget guarded needs 1 healthy pods and has 1 currently",
            },
          ],
        },
      });
      expect((await calls.get(`${PODS}/guarded-1`)).body.metadata.deletionTimestamp).toBeUndefined();

      await create("guarded-2", "guarded");
      await ready("guarded-2");
      await counted("guarded", 1);
      const granted = await evict("guarded-1");
      expect(granted.status).toBe(201);
      expect(granted.body).toMatchObject({ kind: "Status", status: "Success" });
      expect((await evict("guarded-2")).status).toBe(429);
      await gone("guarded-1");
    });

    test("a pod that two budgets cover is evicted by neither", async () => {
      await create("covered", "covered");
      await ready("covered");
      for (const name of ["cover-1", "cover-2"]) await calls.create(BUDGETS, aBudget(name, "covered"));
      await counted("cover-2", 0);
      const { status, body } = await evict("covered");
      expect(status).toBe(500);
      expect(body.message).toContain("This pod has more than one PodDisruptionBudget");
    });

    test("evicting a pending pod needs no budget", async () => {
      await create("unplaced", "guarded", { nodeSelector: { nowhere: "yes" } });
      expect((await evict("unplaced")).status).toBe(201);
      await gone("unplaced");
    });

    test("an evicted pod has a condition that says so during its grace period", async () => {
      await create("marked", "marked", {}, [FINALIZER]);
      await ready("marked");
      await evict("marked");
      const { body } = await calls.get(`${PODS}/marked`);
      expect(body.metadata.deletionTimestamp).toBeDefined();
      expect(conditionOf(body, "DisruptionTarget")).toMatchObject({
        status: "True",
        reason: "EvictionByEvictionAPI",
        message: "Eviction API: evicting",
      });
      await release("marked");
    });

    test("a pod with a finalizer outlives its eviction, finished and with a grace period of 0 s", async () => {
      await create("finalized", "finalized", {}, [FINALIZER]);
      await ready("finalized");
      await evict("finalized");
      const { metadata, status } = await eventually("the kubelet to be done with it", async () => {
        const { body } = await calls.get(`${PODS}/finalized`);
        return body.metadata.deletionGracePeriodSeconds === 0 ? body : undefined;
      });
      expect(metadata.deletionTimestamp).toBeDefined();
      expect((status as { phase: string }).phase).toMatch(/^(Succeeded|Failed)$/);
      await release("finalized");
    });

    test("evicting a missing pod is a 404", async () => {
      expect((await evict("nobody")).status).toBe(404);
    });

    test("a Deployment replaces an evicted pod", async () => {
      await calls.create(`${APPS}/deployments`, aWorkload("Deployment", "replaced", { replicas: 1 }));
      const one = (what: string, is: (pod: Body) => boolean) =>
        eventually(`a ${what} pod`, async () => (await podsOf("replaced")).find(is));
      const first = await one("running", isRunning);
      expect((await evict(first.metadata.name)).status).toBe(201);
      const second = await one("new", (pod) => pod.metadata.uid !== first.metadata.uid && isRunning(pod));
      expect(second.metadata.ownerReferences).toMatchObject([{ kind: "ReplicaSet", controller: true }]);
      await calls.delete(`${APPS}/deployments/replaced`);
      await eventually("its pods to go with it", async () => (await podsOf("replaced")).length === 0 || undefined);
    });

    test("a NoExecute taint evicts pods that do not tolerate it, and a DaemonSet's only if they do not tolerate it", async () => {
      const taint = { key: "stratos.sh/standby", effect: "NoExecute" };
      await calls.create(`${APPS}/daemonsets`, aWorkload("DaemonSet", "agent"));
      await create("stranger", "stranger", {}, [FINALIZER]);
      await create("resident", "resident", { tolerations: [{ ...taint, operator: "Exists" }] });
      await Promise.all([ready("stranger"), ready("resident")]);
      const agent = await eventually("the agent", async () => (await podsOf("agent")).find(isRunning));
      await calls.patch(`${NODES}/${node}`, "merge", { spec: { taints: [taint] } });
      const stranger = await eventually("the stranger to be marked for deletion", async () => {
        const { body } = await calls.get(`${PODS}/stranger`);
        return body.metadata.deletionTimestamp ? body : undefined;
      });
      expect(conditionOf(stranger, "DisruptionTarget")).toMatchObject({
        status: "True",
        reason: "DeletionByTaintManager",
        message: "Taint manager: deleting due to NoExecute taint",
      });
      await release("stranger");
      await gone(agent.metadata.name);
      expect((await calls.get(`${PODS}/resident`)).body.metadata.deletionTimestamp).toBeUndefined();
      await calls.patch(`${NODES}/${node}`, "merge", { spec: { taints: null } });
    });

    test("a DaemonSet's pod runs on a cordoned node", async () => {
      await calls.patch(`${NODES}/${node}`, "merge", { spec: { unschedulable: true } });
      await calls.create(`${APPS}/daemonsets`, aWorkload("DaemonSet", "everywhere"));
      const pod = await eventually("its pod", async () => (await podsOf("everywhere")).find(isRunning));
      expect(pod.metadata.ownerReferences).toMatchObject([{ kind: "DaemonSet", name: "everywhere", controller: true }]);
      const { tolerations } = pod.spec as { tolerations: unknown[] };
      expect(tolerations).toContainEqual({
        key: "node.kubernetes.io/unschedulable",
        operator: "Exists",
        effect: "NoSchedule",
      });
      for (const name of ["agent", "everywhere"]) await calls.delete(`${APPS}/daemonsets/${name}`);
    });
  });
};
