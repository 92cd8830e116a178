/**
 * Cilium with its chart's defaults: the operator taints nodes whose agent is not Ready, removes the taint once it is, and writes the condition only
 * where it is absent. Source: cilium/cilium, operator/watchers/node_taint.go; chart values operator.removeNodeTaints, setNodeTaints and
 * setNodeNetworkStatus, all true.
 */
import type { KubeObject } from "../api-server/store.ts";
import { conditionOf, controllerOf, isReady, type NodeObject, type PodObject } from "../objects/objects.ts";
import { container, daemonSet } from "./daemon-set.ts";
import { type NetworkOptions, report } from "./report.ts";

const NAME = "cilium";
const AGENT_NOT_READY = { key: "node.cilium.io/agent-not-ready", effect: "NoSchedule" };
/** Belief: the agent compiles its programs and is Ready some seconds after its container started. */
const AGENT_SECONDS = 5;

export const cilium = () => [
  daemonSet(NAME, "kube-system", {
    initContainers: [{ name: "config", image: "quay.io/cilium/cilium:v1.18.4" }],
    containers: [container("cilium-agent", "quay.io/cilium/cilium:v1.18.4", AGENT_SECONDS, "100m")],
  }),
];

const isTainted = ({ spec }: NodeObject): boolean =>
  spec.taints?.some(({ key }) => key === AGENT_NOT_READY.key) ?? false;

const isReported = (node: NodeObject): boolean => {
  const condition = conditionOf(node, "NetworkUnavailable");
  return condition?.status === "False" && condition.reason === "CiliumIsUp";
};

/** The operator: looks at a node whenever the node or its agent's pod changes. */
export const runCiliumOperator = (options: NetworkOptions): (() => void) => {
  const { store } = options;

  const setTaint = (name: string, wanted: boolean): void =>
    void store.change<NodeObject>("nodes", name, undefined, ({ spec }) => {
      const others = (spec.taints ?? []).filter(({ key }) => key !== AGENT_NOT_READY.key);
      spec.taints = wanted ? [...others, { ...AGENT_NOT_READY }] : others;
    });

  const check = (name: string, agent: PodObject | undefined): void => {
    const node = store.get<NodeObject>("nodes", name);
    // A node that no agent was scheduled to is left alone.
    if (!node || !agent) return;
    const isUp = isReady(agent);
    if (isTainted(node) === isUp) setTaint(name, !isUp);
    if (!isUp || isReported(node)) return;
    report(options, name, {
      type: "NetworkUnavailable",
      status: "False",
      reason: "CiliumIsUp",
      message: "Cilium is running on this node",
    });
  };

  const agents = new Map<string, PodObject>();
  const onPod = (type: string, object: KubeObject): void => {
    const pod = object as PodObject;
    const { nodeName } = pod.spec;
    if (controllerOf(pod)?.name !== NAME || nodeName === undefined) return;
    if (type !== "DELETED") agents.set(nodeName, pod);
    else if (agents.get(nodeName)?.metadata.uid === pod.metadata.uid) agents.delete(nodeName);
    check(nodeName, agents.get(nodeName));
  };

  const stops = [
    store.subscribe("pods", ({ type, object }) => onPod(type, object)),
    store.subscribe("nodes", ({ object: { metadata } }) => check(metadata.name, agents.get(metadata.name))),
  ];
  return () => {
    for (const stop of stops) stop();
  };
};
