/** Static pods take room on every node of their pool and instance type, before and after kubelet has created their mirror pods. */
import { describe, expect, it } from "vitest";
import { planDemand } from "../../../shared/demand/plan-demand.ts";
import type { DemandPool } from "../../../shared/demand/view.ts";
import type { Container, KubePod } from "../../../shared/model/kubernetes/objects.ts";
import { aSpec } from "../pool/builders.ts";
import {
  aDemandView,
  aNodeObject,
  anOffering,
  aPendingPod,
  aPool,
  nodesOf,
  pods,
  startedNode,
  withStarted,
} from "./builders.ts";

const mirror = (node: string, container: Partial<Container> = { resources: { requests: { cpu: "1" } } }): KubePod => ({
  metadata: {
    name: `proxy-${node}`,
    namespace: "kube-system",
    annotations: { "kubernetes.io/config.mirror": "7" },
  },
  spec: { nodeName: node, containers: [{ name: "proxy", ...container }] },
  status: { phase: "Running" },
});

const withStatic = (pool: DemandPool, pod = mirror("other")): DemandPool => ({
  ...pool,
  staticPods: new Map([["m5.large", [pod]]]),
});

const count = (pool: DemandPool) => Object.keys(nodesOf({ pods: pods(2, { cpu: "1" }), pools: [pool] })).length;

describe("static pods take room", () => {
  it("on standby", () => {
    expect([count(aPool("a", 2)), count(withStatic(aPool("a", 2)))]).toEqual([1, 2]);
  });

  it("on nodes to launch", () => {
    const launching = { ...aPool("a", 0), launchCapacity: { maxNodes: 5, offerings: [anOffering()] } };
    expect([count(launching), count(withStatic(launching))]).toEqual([1, 2]);
  });

  it("once on a node that runs them", () => {
    const node = aNodeObject("up", { pool: "a" });
    expect(count(withStatic(withStarted(aPool("a", 2), [startedNode(node, [mirror("up")])])))).toBe(1);
    expect(count(withStatic(withStarted(aPool("a", 2), [startedNode(node)])))).toBe(1);
  });

  it("of what they request, whatever the pool's defaults are", () => {
    const { scaleUp } = aSpec();
    const spec = aSpec({ scaleUp: { ...scaleUp, defaultPodResources: { requests: { cpu: "2" } } } });
    const pool = { ...withStatic(aPool("a", 1), mirror("other", {})), spec };
    const bound = withStarted({ ...pool, standby: [] }, [
      startedNode(aNodeObject("up", { pool: "a" }), [mirror("up", {})]),
    ]);
    const { waiting } = planDemand(aDemandView({ pods: [aPendingPod("p", {})], pools: [bound] }));
    expect(waiting).toHaveLength(1);
  });
});

it("a pod whose host port a static pod uses starts nothing, and is told", () => {
  const ports = [{ containerPort: 9100, hostPort: 9100 }];
  const pool = withStatic(aPool("a", 1), mirror("other", { ports }));
  const spec = { containers: [{ name: "main", ports }] };
  const plan = planDemand(aDemandView({ pods: [aPendingPod("p", {}, { spec })], pools: [pool] }));
  expect(plan.starts).toEqual([]);
  expect(plan.unschedulable.map(({ reasons }) => reasons)).toEqual([
    ["a: host port 9100 is used by a DaemonSet or a static pod"],
  ]);
});
