import { describe, expect, it } from "vitest";
import { planDemand } from "../../../shared/demand/plan-demand.ts";
import type { PodSpec } from "../../../shared/model/kubernetes/objects.ts";
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

describe("what DaemonSets take", () => {
  const agent = (spec: Partial<PodSpec> = {}) =>
    aDaemonSet("agent", { containers: [{ name: "agent", resources: { requests: { cpu: "500m" } } }], ...spec });

  it("is not there for others", () => {
    const around = { daemonSets: [agent()] };
    expect(Object.keys(nodesOf({ pods: pods(4, { cpu: "500m" }), pools: [aPool("a", 3)], around }))).toEqual([
      "a0",
      "a1",
    ]);
  });

  it("is taken only of nodes on which they run", () => {
    const around = { daemonSets: [agent({ nodeSelector: { gpu: "true" } })] };
    expect(Object.keys(nodesOf({ pods: pods(4, { cpu: "500m" }), pools: [aPool("a", 3)], around }))).toEqual(["a0"]);
  });

  it("is not taken twice of a node where they run already", () => {
    const pod = aPendingPod("agent-1", { cpu: "500m" });
    const owner = { kind: "DaemonSet", name: "agent", controller: true };
    const own = { ...pod, metadata: { ...pod.metadata, namespace: "kube-system", ownerReferences: [owner] } };
    const pool = withStarted(aPool("a", 3), [startedNode(aNodeObject("up"), [own])]);
    expect(nodesOf({ pods: pods(3, { cpu: "500m" }), pools: [pool], around: { daemonSets: [agent()] } })).toEqual({});
  });

  it("may be a port", () => {
    const ports = [{ hostPort: 9100 }];
    const around = { daemonSets: [agent({ containers: [{ name: "agent", ports }] })] };
    const wanted = pods(1, {}, { spec: { containers: [{ name: "main", ports }] } });
    const plan = planDemand(aDemandView({ pods: wanted, pools: [aPool("a", 1)], around }));
    expect(plan.unschedulable.map(({ reasons }) => reasons)).toEqual([["a: host port 9100, which a DaemonSet takes"]]);
  });
});

describe("a port of the host", () => {
  const listening = (hostIP?: string) =>
    pods(2, {}, { spec: { containers: [{ name: "main", ports: [{ hostPort: 80, hostIP }] }] } });

  it("is had by one pod of a node", () => {
    expect(Object.keys(nodesOf({ pods: listening(), pools: [aPool("a", 3)] }))).toEqual(["a0", "a1"]);
  });

  it("is had by another one on another address", () => {
    const [first] = listening("10.0.0.1");
    const [, second] = listening("10.0.0.2");
    expect(Object.keys(nodesOf({ pods: first && second ? [first, second] : [], pools: [aPool("a", 3)] }))).toEqual([
      "a0",
    ]);
  });
});
