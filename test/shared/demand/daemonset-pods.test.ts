import { describe, expect, it } from "vitest";
import { planDemand } from "../../../shared/demand/plan-demand.ts";
import type { PodSpec } from "../../../shared/model/kubernetes/objects.ts";
import { aSpec } from "../pool/builders.ts";
import {
  aDaemonSet,
  aDemandView,
  aNodeObject,
  aPendingPod,
  aPool,
  nodesOf,
  pods,
  startedNode,
  withStarted,
} from "./builders.ts";

describe("the requests of DaemonSets", () => {
  const agent = (spec: Partial<PodSpec> = {}) =>
    aDaemonSet("agent", { containers: [{ name: "agent", resources: { requests: { cpu: "500m" } } }], ...spec });

  it("are subtracted from the node", () => {
    const context = { daemonSets: [agent()] };
    expect(Object.keys(nodesOf({ pods: pods(4, { cpu: "500m" }), pools: [aPool("a", 3)], context }))).toEqual([
      "a0",
      "a1",
    ]);
  });

  it("are subtracted only from nodes that the DaemonSet runs on", () => {
    const context = { daemonSets: [agent({ nodeSelector: { gpu: "true" } })] };
    expect(Object.keys(nodesOf({ pods: pods(4, { cpu: "500m" }), pools: [aPool("a", 3)], context }))).toEqual(["a0"]);
  });

  it("are not subtracted twice from a node where its pod runs already", () => {
    const pod = aPendingPod("agent-1", { cpu: "500m" });
    const owner = { kind: "DaemonSet", name: "agent", controller: true };
    const own = { ...pod, metadata: { ...pod.metadata, namespace: "kube-system", ownerReferences: [owner] } };
    const pool = withStarted(aPool("a", 3), [startedNode(aNodeObject("up"), [own])]);
    expect(nodesOf({ pods: pods(3, { cpu: "500m" }), pools: [pool], context: { daemonSets: [agent()] } })).toEqual({});
  });

  it("are its limits where it has limits only", () => {
    const limited = { containers: [{ name: "agent", resources: { limits: { cpu: "500m" } } }] };
    const context = { daemonSets: [agent(limited)] };
    expect(Object.keys(nodesOf({ pods: pods(4, { cpu: "500m" }), pools: [aPool("a", 3)], context }))).toEqual([
      "a0",
      "a1",
    ]);
  });

  it.each([
    ["no container requests any", undefined, ["a0", "a1"]],
    ["a container requests less", { requests: { cpu: "100m" } }, ["a0"]],
  ])("are the limits of its pods as a whole where %s", (_, resources, expected) => {
    const limited = agent({
      containers: [{ name: "agent", ...(resources && { resources }) }],
      resources: { limits: { cpu: "600m" } },
    });
    const nodes = nodesOf({
      pods: pods(3, { cpu: "600m" }),
      pools: [aPool("a", 3)],
      context: { daemonSets: [limited] },
    });
    expect(Object.keys(nodes)).toEqual(expected);
  });

  it("never are the pool's defaults", () => {
    const owner = { kind: "DaemonSet", name: "agent", controller: true };
    const pod = aPendingPod("agent-1");
    const own = { ...pod, metadata: { ...pod.metadata, namespace: "kube-system", ownerReferences: [owner] } };
    const spec = aSpec();
    const defaultPodResources = { requests: { cpu: "500m" } };
    const withDefaults = { ...aPool("a", 1), spec: { ...spec, scaleUp: { ...spec.scaleUp, defaultPodResources } } };
    const pool = withStarted(withDefaults, [startedNode(aNodeObject("up"), [own])]);
    expect(nodesOf({ pods: pods(4, { cpu: "500m" }), pools: [pool] })).toEqual({});
    expect(nodesOf({ pods: pods(4, {}), pools: [pool] })).toEqual({});
  });

  it("can be a port of its containers on the host's network", () => {
    const containers = [{ name: "agent", ports: [{ containerPort: 9100 }] }];
    const pending = pods(1, {}, { spec: { containers: [{ name: "main", ports: [{ hostPort: 9100 }] }] } });
    const count = (hostNetwork: boolean) => {
      const context = { daemonSets: [agent({ containers, hostNetwork })] };
      return planDemand(aDemandView({ pods: pending, pools: [aPool("a", 1)], context })).unschedulable.length;
    };
    expect([count(true), count(false)]).toEqual([1, 0]);
  });

  it("can be a host port", () => {
    const ports = [{ hostPort: 9100 }];
    const context = { daemonSets: [agent({ containers: [{ name: "agent", ports }] })] };
    const pending = pods(1, {}, { spec: { containers: [{ name: "main", ports }] } });
    const plan = planDemand(aDemandView({ pods: pending, pools: [aPool("a", 1)], context }));
    expect(plan.unschedulable.map(({ reasons }) => reasons)).toEqual([["a: host port 9100 is used by a DaemonSet"]]);
  });
});

describe("a host port", () => {
  const listening = (hostIP?: string) =>
    pods(2, {}, { spec: { containers: [{ name: "main", ports: [{ hostPort: 80, hostIP }] }] } });

  it("can be used by one pod per node", () => {
    expect(Object.keys(nodesOf({ pods: listening(), pools: [aPool("a", 3)] }))).toEqual(["a0", "a1"]);
  });

  it("can be used by another pod on another address", () => {
    const [first] = listening("10.0.0.1");
    const [, second] = listening("10.0.0.2");
    expect(Object.keys(nodesOf({ pods: first && second ? [first, second] : [], pools: [aPool("a", 3)] }))).toEqual([
      "a0",
    ]);
  });
});
