import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Body, type Calls, callsTo } from "./calls.ts";
import { type Cluster, eventually, type Suite } from "./cluster.ts";
import { conditionOf, isRunning, nodeIn } from "./node.ts";
import { NODES, PODS } from "./objects.ts";

const EVENTS = "/api/v1/namespaces/default/events";
const NOT_HELPFUL =
  "no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.";

const aPod = (name: string, spec: object = {}) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  spec: {
    // Deleted at once, because a grace period adds nothing here.
    terminationGracePeriodSeconds: 0,
    containers: [{ name: "main", image: "registry.k8s.io/pause:3.10" }],
    ...spec,
  },
});

const requesting = (cpu: string) => ({
  containers: [{ name: "main", image: "registry.k8s.io/pause:3.10", resources: { requests: { cpu } } }],
});

export const describeScheduling: Suite = (implementation, connect) => {
  describe(`The scheduler of ${implementation}`, () => {
    let cluster: Cluster;
    let calls: Calls;
    let node: string;
    const made: string[] = [];

    const create = async (name: string, spec: object = {}): Promise<void> => {
      made.push(name);
      const { status, body } = await calls.create(PODS, aPod(name, spec));
      if (status !== 201) throw new Error(`creating ${name}: ${body.message}`);
    };
    const podOnce = (name: string, what: string, is: (pod: Body) => boolean) =>
      eventually(`${name} to be ${what}`, async () => nodeIn(await calls.get(`${PODS}/${name}`), is));
    const refused = async (name: string) =>
      conditionOf(
        await podOnce(name, "refused", (pod) => conditionOf(pod, "PodScheduled")?.status === "False"),
        "PodScheduled",
      );
    const bound = (name: string) =>
      podOnce(name, "bound", ({ spec }) => (spec as { nodeName?: string }).nodeName === node);

    beforeAll(async () => {
      cluster = await connect();
      calls = callsTo(cluster);
      node = cluster.nodeNameOf("first");
    });
    afterAll(async () => {
      for (const name of made) await calls.delete(`${PODS}/${name}`, { gracePeriodSeconds: 0 });
      await cluster.powerOff("first");
      await calls.delete(`${NODES}/${node}`);
    });

    test("marks a pod without a node as unschedulable, and binds it once there is a node", async () => {
      await create("early");
      expect(await refused("early")).toMatchObject({
        reason: "Unschedulable",
        message: "no nodes available to schedule pods",
      });
      await cluster.powerOn("first", { labels: { pool: "ci" } });
      const pod = await bound("early");
      expect(conditionOf(pod, "PodScheduled")).toMatchObject({ status: "True" });
      expect(conditionOf(pod, "PodScheduled")?.reason).toBeUndefined();
      await podOnce("early", "running", isRunning);
    });

    test("records the reason in an event of the pod", async () => {
      const query = "fieldSelector=involvedObject.name=early,reason=FailedScheduling";
      const { body } = await calls.get(`${EVENTS}?${query}`);
      expect(body.items?.[0]).toMatchObject({
        type: "Warning",
        message: "no nodes available to schedule pods",
        involvedObject: { kind: "Pod", name: "early", namespace: "default" },
      });
    });

    test.each([
      ["asks-too-much", requesting("100"), `1 Insufficient cpu. ${NOT_HELPFUL}`],
      ["asks-too-much-as-a-whole", { resources: { requests: { cpu: "100" } } }, `1 Insufficient cpu. ${NOT_HELPFUL}`],
      ["may-use-too-much-as-a-whole", { resources: { limits: { cpu: "100" } } }, `1 Insufficient cpu. ${NOT_HELPFUL}`],
      [
        "wants-another-pool",
        { nodeSelector: { pool: "gpu" } },
        `1 node(s) didn't match Pod's node affinity/selector. ${NOT_HELPFUL}`,
      ],
    ])("a pod that %s stays pending, and the message gives the reason", async (name, spec, why) => {
      await create(name, spec);
      expect(await refused(name)).toMatchObject({
        reason: "Unschedulable",
        message: `0/1 nodes are available: ${why}`,
      });
    });

    test("a pod stays pending while the node is cordoned, and is bound once it is uncordoned", async () => {
      await calls.patch(`${NODES}/${node}`, "merge", { spec: { unschedulable: true } });
      await eventually("the cordon's taint", async () =>
        nodeIn(await calls.get(`${NODES}/${node}`), ({ spec }) =>
          JSON.stringify(spec).includes(".kubernetes.io/unschedulable"),
        ),
      );
      await create("waits-for-cordon");
      expect((await refused("waits-for-cordon"))?.message).toBe(
        `0/1 nodes are available: 1 node(s) were unschedulable. ${NOT_HELPFUL}`,
      );
      await calls.patch(`${NODES}/${node}`, "merge", { spec: { unschedulable: null } });
      await bound("waits-for-cordon");
    });

    test("a pod stays pending while the node has a taint; a pod that tolerates it is bound at once", async () => {
      const taints = [{ key: "stratos.sh/not-ready", value: "true", effect: "NoSchedule" }];
      await calls.patch(`${NODES}/${node}`, "merge", { spec: { taints } });
      await create("waits-for-taint");
      expect((await refused("waits-for-taint"))?.message).toMatch(
        /^0\/1 nodes are available: 1 node\(s\) had untolerated taint/,
      );
      await create("tolerates", { tolerations: [{ key: "stratos.sh/not-ready", operator: "Exists" }] });
      await bound("tolerates");
      await calls.patch(`${NODES}/${node}`, "merge", { spec: { taints: null } });
      await bound("waits-for-taint");
    });

    test("a pod that another leaves no room for is bound once that one is gone", async () => {
      await create("takes-most", requesting("1200m"));
      await bound("takes-most");
      await create("takes-more", requesting("1200m"));
      expect((await refused("takes-more"))?.message).toContain("1 Insufficient cpu");
      await calls.delete(`${PODS}/takes-most`);
      await bound("takes-more");
      await calls.delete(`${PODS}/takes-more`);
    });

    test("what a pod requests as a whole counts, not what its containers do", async () => {
      const asWhole = (cpu: string, ofContainer: string) => ({
        ...requesting(ofContainer),
        resources: { requests: { cpu } },
      });
      await create("takes-most-as-a-whole", asWhole("1200m", "100m"));
      await bound("takes-most-as-a-whole");
      await create("takes-more-than-is-left", requesting("1200m"));
      expect((await refused("takes-more-than-is-left"))?.message).toContain("1 Insufficient cpu");
      await calls.delete(`${PODS}/takes-most-as-a-whole`);
      await bound("takes-more-than-is-left");
      await calls.delete(`${PODS}/takes-more-than-is-left`);
    });

    test("a pod with a scheduling gate is not scheduled until the gate is removed", async () => {
      await create("gated", { schedulingGates: [{ name: "stratos.sh/gate" }] });
      expect(await refused("gated")).toMatchObject({ reason: "SchedulingGated" });
      await calls.patch(`${PODS}/gated`, "merge", { spec: { schedulingGates: null } });
      await bound("gated");
    });

    test("a pod of another scheduler is ignored", async () => {
      await create("foreign", { schedulerName: "nobody" });
      await create("after-foreign");
      await bound("after-foreign");
      const { body } = await calls.get(`${PODS}/foreign`);
      expect(conditionOf(body, "PodScheduled")).toBeUndefined();
    });
  });
};
