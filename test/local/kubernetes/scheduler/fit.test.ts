import { describe, expect, it } from "vitest";
import type { NodeObject, PodObject } from "../../../../local/kubernetes/objects/objects.ts";
import { type ClusterState, createClusterState } from "../../../../local/kubernetes/scheduler/cluster-state.ts";
import { findNode } from "../../../../local/kubernetes/scheduler/find-node.ts";
import { readPod } from "../../../../local/kubernetes/scheduler/pod-facts.ts";
import { podRequest } from "../../../../local/kubernetes/scheduler/pod-request.ts";
import { aPod, type PodOverrides } from "../stage.ts";

const cluster = (): ClusterState & { add(name: string, labels?: object, more?: object): void } => {
  const state = createClusterState();
  return {
    ...state,
    add: (name, labels = {}, more = {}) =>
      void state.setNode({
        apiVersion: "v1",
        kind: "Node",
        metadata: { name, labels: { "kubernetes.io/hostname": name, ...labels } as Record<string, string> },
        spec: {},
        status: { allocatable: { cpu: "4", memory: "8Gi", pods: "10", "nvidia.com/gpu": "1" } },
        ...more,
      } as NodeObject),
  };
};

const addPod = (state: ClusterState, name: string, nodeName: string, overrides: PodOverrides = {}) =>
  state.addPod(readPod(aPod(name, { ...overrides, nodeName })));

/** The nodes that the pod fits, each evaluated separately. */
const feasibleNodes = (state: ClusterState, pod: PodObject, namespaces: Record<string, Record<string, string>> = {}) =>
  [...state.nodes.keys()].filter((name) => {
    const nodeSelector = { ...pod.spec.nodeSelector, "kubernetes.io/hostname": name };
    const facts = readPod({ ...pod, spec: { ...pod.spec, nodeSelector } });
    const context = { state, namespaceLabels: (namespace: string) => namespaces[namespace], random: () => 0 };
    return findNode(facts, context).kind === "node";
  });

const affinityTo = (...terms: object[]) => ({
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } },
});
const expression = (key: string, operator: string, ...values: string[]) => ({
  matchExpressions: [{ key, operator, values }],
});

describe("node affinity", () => {
  const state = cluster();
  state.add("a", { zone: "one", size: "8" });
  state.add("b", { zone: "two", size: "16" });
  state.add("c");

  it.each([
    ["In", [expression("zone", "In", "one", "three")], ["a"]],
    ["NotIn, which matches nodes without the label", [expression("zone", "NotIn", "one")], ["b", "c"]],
    ["Exists", [expression("zone", "Exists")], ["a", "b"]],
    ["DoesNotExist", [expression("zone", "DoesNotExist")], ["c"]],
    ["Gt", [expression("size", "Gt", "8")], ["b"]],
    ["Lt", [expression("size", "Lt", "16")], ["a"]],
    ["one of several terms", [expression("zone", "In", "one"), expression("zone", "DoesNotExist")], ["a", "c"]],
    ["fields", [{ matchFields: [{ key: "metadata.name", operator: "NotIn", values: ["a"] }] }], ["b", "c"]],
    ["an empty term, which matches no node", [{ matchExpressions: [] }], []],
  ])("supports %s", (_, terms, expected) => {
    expect(feasibleNodes(state, aPod("p", affinityTo(...terms)))).toEqual(expected);
  });

  it("requires all labels of the node selector", () => {
    expect(feasibleNodes(state, aPod("p", { nodeSelector: { zone: "two", size: "16" } }))).toEqual(["b"]);
    expect(feasibleNodes(state, aPod("p", { nodeSelector: { zone: "two", size: "8" } }))).toEqual([]);
  });
});

describe("taints", () => {
  const taint = { key: "team", value: "a", effect: "NoSchedule" };
  it.each([
    ["no toleration", [], false],
    ["a toleration of the same value", [{ key: "team", value: "a", effect: "NoSchedule" }], true],
    ["a toleration of another value", [{ key: "team", value: "b" }], false],
    ["a toleration of any value", [{ key: "team", operator: "Exists" }], true],
    ["a toleration of every taint", [{ operator: "Exists" }], true],
    ["a toleration of another effect", [{ key: "team", operator: "Exists", effect: "NoExecute" }], false],
  ])("with %s", (_, tolerations, fits) => {
    const state = cluster();
    state.add("a", {}, { spec: { taints: [taint] } });
    expect(feasibleNodes(state, aPod("p", { tolerations }))).toEqual(fits ? ["a"] : []);
  });
});

describe("resources", () => {
  const requests = (cpu: string) => ({ resources: { requests: { cpu } } });
  const request = (spec: Partial<PodObject["spec"]>) => podRequest({ containers: [], ...spec }).get("cpu");

  it("include containers and sidecars, the largest init container, and overhead", () => {
    const main = { name: "main", ...requests("500m") };
    const init = { name: "init", ...requests("2") };
    const sidecar = { name: "side", restartPolicy: "Always", ...requests("300m") };
    expect(request({ containers: [main, main] })).toBe(1000);
    expect(request({ containers: [main], initContainers: [init] })).toBe(2000);
    expect(request({ containers: [main], initContainers: [sidecar] })).toBe(800);
    expect(request({ containers: [main], initContainers: [sidecar, init] })).toBe(2300);
    expect(request({ containers: [main], initContainers: [init, sidecar] })).toBe(2000);
    expect(request({ containers: [main], overhead: { cpu: "250m" } })).toBe(750);
  });

  it("are those of the pod as a whole, if it has any, with overhead on top", () => {
    const main = { name: "main", ...requests("500m") };
    const ofPod = { resources: { requests: { cpu: "1200m", "ephemeral-storage": "1Gi" } } };
    expect(request({ containers: [main, main], ...ofPod })).toBe(1200);
    expect(request({ containers: [main], ...ofPod, overhead: { cpu: "250m" } })).toBe(1450);
    expect(request({ containers: [main], resources: { requests: { memory: "1Gi" } } })).toBe(500);
    expect(podRequest({ containers: [], ...ofPod }).get("ephemeral-storage")).toBeUndefined();
  });

  it("are parsed with every suffix", () => {
    const memory = (value: string) =>
      podRequest({ containers: [{ name: "m", resources: { requests: { memory: value } } }] }).get("memory");
    expect(["1.5Gi", "1500Mi", "1k", "2e3", "100m", "5"].map(memory)).toEqual([
      1610612736, 1572864000, 1000, 2000, 1, 5,
    ]);
  });

  it("fit up to the last millicore, and extended resources up to the last unit", () => {
    const state = cluster();
    state.add("a");
    addPod(state, "first", "a", { requests: { cpu: "3500m", "nvidia.com/gpu": "1" } });
    expect(feasibleNodes(state, aPod("p", { requests: { cpu: "500m" } }))).toEqual(["a"]);
    expect(feasibleNodes(state, aPod("p", { requests: { cpu: "501m" } }))).toEqual([]);
    expect(feasibleNodes(state, aPod("p", { requests: { "nvidia.com/gpu": "1" } }))).toEqual([]);
  });

  it("are freed when a pod is removed", () => {
    const state = cluster();
    state.add("a");
    addPod(state, "first", "a", { requests: { cpu: "4" } });
    state.removePod("default/first");
    expect(feasibleNodes(state, aPod("p", { requests: { cpu: "4" } }))).toEqual(["a"]);
  });

  it("include the number of pods", () => {
    const state = cluster();
    state.add("a");
    for (let index = 0; index < 10; index += 1) addPod(state, `p${index}`, "a");
    expect(feasibleNodes(state, aPod("p"))).toEqual([]);
  });
});

describe("host ports", () => {
  const port = (hostPort: number, hostIP?: string, protocol?: string) => ({
    containers: [{ name: "main", ports: [{ hostPort, hostIP, protocol }] }],
  });

  it("conflict on the same address, or if one of two listens on all addresses", () => {
    const state = cluster();
    state.add("a");
    addPod(state, "first", "a", port(80, "10.0.0.1"));
    expect(feasibleNodes(state, aPod("p", port(80, "10.0.0.1")))).toEqual([]);
    expect(feasibleNodes(state, aPod("p", port(80)))).toEqual([]);
    expect(feasibleNodes(state, aPod("p", port(80, "10.0.0.2")))).toEqual(["a"]);
    expect(feasibleNodes(state, aPod("p", port(80, "10.0.0.1", "UDP")))).toEqual(["a"]);
    expect(feasibleNodes(state, aPod("p", port(81)))).toEqual(["a"]);
  });
});

describe("pod affinity", () => {
  const web = { labels: { app: "web" } };
  const term = (more: object = {}) => ({
    topologyKey: "zone",
    labelSelector: { matchLabels: { app: "web" } },
    ...more,
  });
  const near = (more?: object) => ({
    affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term(more)] } },
  });
  const apart = (more?: object) => ({
    affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term(more)] } },
  });
  const zones = () => {
    const state = cluster();
    state.add("a1", { zone: "a" });
    state.add("a2", { zone: "a" });
    state.add("b1", { zone: "b" });
    state.add("none");
    return state;
  };

  it("places a pod in the domain of matching pods", () => {
    const state = zones();
    addPod(state, "first", "a1", web);
    expect(feasibleNodes(state, aPod("p", near()))).toEqual(["a1", "a2"]);
  });

  it("lets the first pod with affinity to itself start in any domain", () => {
    expect(feasibleNodes(zones(), aPod("p", { ...web, ...near() }))).toEqual(["a1", "a2", "b1"]);
    expect(feasibleNodes(zones(), aPod("p", near()))).toEqual([]);
  });

  it("keeps a pod out of the domain of matching pods", () => {
    const state = zones();
    addPod(state, "first", "a1", web);
    expect(feasibleNodes(state, aPod("p", apart()))).toEqual(["b1", "none"]);
  });

  it("respects the anti-affinity of existing pods", () => {
    const state = zones();
    addPod(state, "first", "a1", apart());
    expect(feasibleNodes(state, aPod("p", web))).toEqual(["b1", "none"]);
    expect(feasibleNodes(state, aPod("p"))).toEqual(["a1", "a2", "b1", "none"]);
  });

  it("matches pods in the listed or selected namespaces", () => {
    const state = zones();
    const elsewhere = aPod("first", { ...web, nodeName: "a1" });
    state.addPod(readPod({ ...elsewhere, metadata: { ...elsewhere.metadata, namespace: "shop" } }));
    const namespaces = { shop: { team: "x" } };
    expect(feasibleNodes(state, aPod("p", near()), namespaces)).toEqual([]);
    expect(feasibleNodes(state, aPod("p", near({ namespaces: ["shop"] })), namespaces)).toEqual(["a1", "a2"]);
    const namespaceSelector = { matchLabels: { team: "x" } };
    expect(feasibleNodes(state, aPod("p", near({ namespaceSelector })), namespaces)).toEqual(["a1", "a2"]);
  });
});

describe("topology spread", () => {
  const web = { app: "web" };
  const spread = (more: object = {}) => ({
    labels: web,
    topologySpreadConstraints: [
      {
        topologyKey: "zone",
        maxSkew: 1,
        whenUnsatisfiable: "DoNotSchedule",
        labelSelector: { matchLabels: web },
        ...more,
      },
    ],
  });
  const find = (state: ClusterState, overrides: PodOverrides) => {
    const result = findNode(readPod(aPod("p", overrides)), {
      state,
      namespaceLabels: () => undefined,
      random: () => 0,
    });
    return result.kind === "node" ? result.name : result.message;
  };
  const zones = () => {
    const state = cluster();
    state.add("a", { zone: "a" });
    state.add("b", { zone: "b" });
    return state;
  };

  it("keeps the difference between domains within maxSkew", () => {
    const state = zones();
    addPod(state, "first", "a", { labels: web });
    expect(find(state, spread())).toBe("b");
    expect(find(state, { ...spread(), nodeSelector: { zone: "a" } })).toBe("a");
    const onlyA = { ...spread({ nodeAffinityPolicy: "Ignore" }), nodeSelector: { zone: "a" } };
    expect(find(state, onlyA)).toContain("1 node(s) didn't match pod topology spread constraints");
  });

  it("reports nodes without the topology label", () => {
    const state = cluster();
    state.add("none");
    expect(find(state, spread())).toContain("topology spread constraints (missing required label)");
  });

  it("counts domains missing from minDomains as empty", () => {
    const state = zones();
    addPod(state, "one", "a", { labels: web });
    addPod(state, "two", "b", { labels: web });
    expect(find(state, spread())).toMatch(/^[ab]$/);
    expect(find(state, spread({ minDomains: 3 }))).toContain("2 node(s) didn't match pod topology spread constraints");
  });

  it("counts only pods with the same values of matchLabelKeys", () => {
    const state = zones();
    addPod(state, "old", "a", { labels: { ...web, hash: "1" } });
    addPod(state, "new", "b", { labels: { ...web, hash: "2" } });
    const next = { ...spread({ matchLabelKeys: ["hash"] }), labels: { ...web, hash: "2" } };
    expect(find(state, next)).toBe("a");
  });
});
