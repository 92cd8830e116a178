import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Body, type Calls, callsTo } from "./calls.ts";
import { type Cluster, eventually, type Suite } from "./cluster.ts";
import { conditionOf, isReady, nodeIn, taintsOf } from "./node.ts";
import { anUntouchedPod, NODES, PODS } from "./objects.ts";

const LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";
const STARTUP = { key: "node.eks.amazonaws.com/not-ready", value: "true", effect: "NoSchedule" };
const STANDBY = { key: "stratos.sh/standby", effect: "NoExecute" };

export const describeKubelets: Suite = (implementation, connect) => {
  describe(`A kubelet of ${implementation}`, () => {
    let cluster: Cluster;
    let calls: Calls;
    let name: string;
    let path: string;

    const ready = () => eventually(`${name} to be Ready`, async () => nodeIn(await calls.get(path), isReady));

    beforeAll(async () => {
      cluster = await connect();
      calls = callsTo(cluster);
      name = cluster.nodeNameOf("first");
      path = `${NODES}/${name}`;
      const labels = { team: "build", "stratos.sh/pool": "ci" };
      await cluster.powerOn("first", { labels, taints: [STARTUP] });
      await ready();
    });
    afterAll(async () => {
      await cluster.powerOff("first");
      await calls.delete(path);
    });

    test("registers its node with its own labels and the configured ones", async () => {
      const { metadata } = await ready();
      expect(metadata.labels).toMatchObject({
        team: "build",
        "stratos.sh/pool": "ci",
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
      });
    });

    test("registers it with the provider ID and the configured taints", async () => {
      const node = await ready();
      expect(node.spec).toMatchObject({ providerID: "aws:///us-east-1a/i-first" });
      expect(taintsOf(node)).toContainEqual(STARTUP);
    });

    test("makes it Ready, and then the node controller removes its own taint", async () => {
      const node = await eventually(`${name} without the controller's taint`, async () =>
        nodeIn(await calls.get(path), (found) => isReady(found) && taintsOf(found).length === 1),
      );
      expect(taintsOf(node)).toEqual([STARTUP]);
      const statuses = ["MemoryPressure", "DiskPressure", "PIDPressure", "Ready"].map(
        (type) => conditionOf(node, type)?.status,
      );
      expect(statuses).toEqual(["False", "False", "False", "True"]);
      expect(conditionOf(node, "Ready")?.reason).toBe("KubeletReady");
    });

    test("reports capacity and allocatable resources", async () => {
      const quantities = { cpu: expect.any(String), memory: expect.any(String), pods: expect.any(String) };
      expect((await ready()).status).toMatchObject({ capacity: quantities, allocatable: quantities });
    });

    describe("that returns to its node", () => {
      let before: Body;
      let pod: Body;

      beforeAll(async () => {
        await cluster.powerOff("first");
        await calls.patch(path, "merge", {
          metadata: {
            labels: { team: null, "stratos.sh/state": "standby" },
            annotations: { "stratos.sh/note": "kept" },
          },
          spec: { unschedulable: true, taints: [STANDBY] },
        });
        // Bound while the machine is off, as Stratos lets pods bind to a booting node.
        const tolerations = [{ operator: "Exists" }];
        pod = (await calls.create(PODS, anUntouchedPod("bound-meanwhile", { nodeName: name, tolerations }))).body;
        before = (await calls.get(path)).body;
        await cluster.powerOn("first", { labels: { team: "other", added: "later" }, taints: [STARTUP] });
        await eventually("the pod to run", async () => {
          const { body } = await calls.get(`${PODS}/bound-meanwhile`);
          return (body.status as { phase: string }).phase === "Running" || undefined;
        });
      });
      afterAll(() => calls.delete(`${PODS}/bound-meanwhile`, { gracePeriodSeconds: 0 }));

      test("applies neither its labels nor its taints again", async () => {
        const node = (await calls.get(path)).body;
        expect(node.metadata.uid).toBe(before.metadata.uid);
        expect(node.metadata.labels).toEqual(before.metadata.labels);
        expect(node.metadata.labels).not.toHaveProperty("team");
        expect(taintsOf(node).filter(({ key }) => key === STARTUP.key)).toEqual([]);
      });

      test("leaves the cordon and the taints and annotations of others", async () => {
        const node = (await calls.get(path)).body;
        expect(node.spec).toMatchObject({ unschedulable: true, providerID: "aws:///us-east-1a/i-first" });
        expect(taintsOf(node)).toContainEqual(expect.objectContaining(STANDBY));
        expect(node.metadata.annotations).toMatchObject({ "stratos.sh/note": "kept" });
      });

      test("renews its lease, which belongs to the node", async () => {
        const lease = await eventually("the lease to be renewed", async () => {
          const found = await calls.get(`${LEASES}/${name}`);
          const { renewTime = "" } = (found.body.spec ?? {}) as { renewTime?: string };
          return renewTime > String(pod.metadata.creationTimestamp) ? found.body : undefined;
        });
        expect(lease.spec).toMatchObject({ holderIdentity: name, leaseDurationSeconds: 40 });
        expect(lease.metadata.ownerReferences).toMatchObject([{ kind: "Node", name, uid: before.metadata.uid }]);
      });

      test("runs the pods that were bound in the meantime, and they become Ready", async () => {
        const running = await eventually("the pod to be Ready", async () => {
          const { body } = await calls.get(`${PODS}/bound-meanwhile`);
          return conditionOf(body, "Ready")?.status === "True" ? body : undefined;
        });
        expect(running.status).toMatchObject({
          phase: "Running",
          podIP: expect.any(String),
          hostIP: expect.any(String),
        });
      });
    });

    describe("that stops reporting", () => {
      const isSilent = (node: Body) => conditionOf(node, "Ready")?.status === "Unknown";
      const unreachable = (node: Body) =>
        taintsOf(node).flatMap(({ key, effect }) => (key === "node.kubernetes.io/unreachable" ? [effect] : []));

      beforeAll(async () => {
        await cluster.powerOff("first");
      });
      afterAll(async () => {
        await cluster.powerOff("second");
        await calls.delete(`${NODES}/${cluster.nodeNameOf("second")}`);
      });

      test("leaves its node Unknown, with a taint that keeps new pods away", async () => {
        const node = await eventually(`${name} to be Unknown`, async () => nodeIn(await calls.get(path), isSilent));
        expect(conditionOf(node, "Ready")).toMatchObject({
          reason: "NodeStatusUnknown",
          message: "Kubelet stopped posting node status.",
        });
        await eventually("the taint", async () =>
          nodeIn(await calls.get(path), (found) => unreachable(found).includes("NoSchedule")),
        );
      });

      test("has its pods evicted only while another node is Ready", async () => {
        expect(unreachable((await calls.get(path)).body)).toEqual(["NoSchedule"]);
        await cluster.powerOn("second");
        await eventually("the taint that evicts", async () =>
          nodeIn(await calls.get(path), (found) => unreachable(found).includes("NoExecute")),
        );
      });
    });
  });
};
