import { describe, expect, it } from "vitest";
import { isReadySince } from "../../../shared/model/kubernetes/condition-freshness.ts";
import type { Condition, KubeNode, KubePod } from "../../../shared/model/kubernetes/objects.ts";
import { gatedTaints, isNetworkReporter, networkState } from "../../../shared/pool/network-ready.ts";
import { aNode, anInstance, aSpec, aView, MINUTE, NOW, SECOND, type SpecOverrides } from "./builders.ts";

const STARTED = NOW - 15 * SECOND;
const at = (ms: number) => new Date(ms).toISOString();
const before = at(STARTED - MINUTE);
const since = at(STARTED + 5 * SECOND);

const node = (...conditions: Condition[]): KubeNode => ({ metadata: { name: "n" }, status: { conditions } });
const ready = { type: "Ready", status: "True", lastTransitionTime: since };
const networking = { type: "NetworkingReady", status: "True", lastTransitionTime: since };
const calico = { type: "NetworkUnavailable", status: "False", reason: "CalicoIsUp", lastTransitionTime: since };

interface PodFacts {
  readonly name?: string;
  readonly isReady?: boolean;
  readonly readySince?: string;
  readonly containersSince?: readonly (string | undefined)[];
  readonly deleting?: boolean;
}

/** A pod of the DaemonSet `name`, whose containers run since the start. */
const daemonPod = ({
  name = "aws-node",
  isReady = true,
  readySince = since,
  containersSince = [since],
  deleting = false,
}: PodFacts = {}): KubePod => ({
  metadata: {
    name: `${name}-x7k2p`,
    namespace: "kube-system",
    labels: { "k8s-app": name },
    ownerReferences: [{ kind: "DaemonSet", name, controller: true }],
    ...(deleting && { deletionTimestamp: since }),
  },
  spec: { containers: [] },
  status: {
    phase: "Running",
    conditions: [{ type: "Ready", status: isReady ? "True" : "False", lastTransitionTime: readySince }],
    containerStatuses: containersSince.map((startedAt) => ({ state: startedAt ? { running: { startedAt } } : {} })),
  },
});

interface Seen {
  readonly conditions?: readonly Condition[];
  readonly pods?: readonly KubePod[];
  readonly template?: SpecOverrides["template"];
  /** Whether the cluster has a DaemonSet that reports; true by default. */
  readonly reporter?: boolean;
  readonly startedAt?: number;
  readonly now?: number;
}

/** The state of the network of a node that is Ready since its start. */
const stateOf = ({
  conditions = [],
  pods = [],
  template = {},
  reporter = true,
  startedAt = STARTED,
  now = NOW,
}: Seen) => {
  const instance = anInstance("running", { record: { startedAt } });
  const seen = { ...instance, node: node(ready, ...conditions), pods };
  return networkState(seen, aView([], { spec: aSpec({ template }), hasNetworkReporter: reporter, now }))?.kind;
};

const selecting = { networkPodSelector: { "k8s-app": "weave-net" } };

describe("the network of a started node, from the plugin's pod, is", () => {
  it.each<[string, "ready" | "pending", Seen]>([
    ["ready if the pod is Ready and its containers run since the start", "ready", { pods: [daemonPod()] }],
    ["ready for Cilium, too", "ready", { pods: [daemonPod({ name: "cilium" })] }],
    ["ready for Calico, too", "ready", { pods: [daemonPod({ name: "calico-node" })] }],
    ["ready if the pod's condition is older than the start", "ready", { pods: [daemonPod({ readySince: before })] }],
    [
      "pending if a container runs since before the start",
      "pending",
      { pods: [daemonPod({ containersSince: [before] })] },
    ],
    [
      "pending if one of several containers does",
      "pending",
      { pods: [daemonPod({ containersSince: [since, before] })] },
    ],
    [
      "pending while a container does not run",
      "pending",
      { pods: [daemonPod({ containersSince: [since, undefined] })] },
    ],
    ["pending if nothing is known of its containers", "pending", { pods: [daemonPod({ containersSince: [] })] }],
    ["pending while the pod is not Ready", "pending", { pods: [daemonPod({ isReady: false })] }],
    ["pending if only another DaemonSet's pod is Ready", "pending", { pods: [daemonPod({ name: "kube-proxy" })] }],
    [
      "pending while one of two chained plugins is not Ready",
      "pending",
      { pods: [daemonPod(), daemonPod({ name: "calico-node", isReady: false })] },
    ],
    [
      "ready while an old pod of the plugin is being deleted",
      "ready",
      { pods: [daemonPod(), daemonPod({ isReady: false, deleting: true })] },
    ],
    [
      "ready although an agent's condition stays False",
      "ready",
      { pods: [daemonPod()], conditions: [{ ...networking, status: "False" }] },
    ],
    [
      "ready although the condition is from before the start",
      "ready",
      {
        pods: [daemonPod({ name: "cilium" })],
        conditions: [{ ...calico, reason: "CiliumIsUp", lastTransitionTime: before }],
      },
    ],
    [
      "ready if a pod with the labels of networkPodSelector is",
      "ready",
      { pods: [daemonPod({ name: "weave-net" })], template: selecting },
    ],
    ["pending if networkPodSelector names another pod", "pending", { pods: [daemonPod()], template: selecting }],
    ["pending if nothing has the labels of networkPodSelector", "pending", { template: selecting, reporter: false }],
  ])("%s", (_, expected, seen) => {
    expect(stateOf(seen)).toBe(expected);
  });
});

describe("the network of a started node, from reports on the node, is", () => {
  it.each<[string, "ready" | "pending", Seen]>([
    ["ready if the agent reports so", "ready", { conditions: [networking] }],
    ["ready if Calico reports so", "ready", { conditions: [calico] }],
    ["ready if Cilium reports so", "ready", { conditions: [{ ...calico, reason: "CiliumIsUp" }] }],
    [
      "ready if the agent reports so before the plugin's pod is Ready",
      "ready",
      { conditions: [networking], pods: [daemonPod({ isReady: false })] },
    ],
    [
      "pending if only the routes of the cloud are reported",
      "pending",
      { conditions: [{ ...calico, reason: "RouteCreated" }] },
    ],
    [
      "pending if the report is from before the start",
      "pending",
      { conditions: [{ ...networking, lastTransitionTime: before }] },
    ],
    [
      "ready if an old report was repeated since the start",
      "ready",
      { conditions: [{ ...networking, lastTransitionTime: before, lastHeartbeatTime: since }] },
    ],
    [
      "pending if the agent reports that it is not",
      "pending",
      { conditions: [{ ...networking, status: "False" }], reporter: false },
    ],
    [
      "pending if Calico is down",
      "pending",
      { conditions: [{ ...calico, status: "True", reason: "CalicoIsDown" }], reporter: false },
    ],
    ["pending if somebody could report and has not", "pending", {}],
    ["ready if nobody could", "ready", { reporter: false }],
    ["ready with the strategy None", "ready", { template: { networkReadinessStrategy: "None" } }],
  ])("%s", (_, expected, seen) => {
    expect(stateOf(seen)).toBe(expected);
  });

  it("given up two minutes after the node became Ready", () => {
    const readyAt = Date.parse(since);
    expect(stateOf({ now: readyAt + 2 * MINUTE - 1 })).toBe("pending");
    expect(stateOf({ now: readyAt + 2 * MINUTE })).toBe("timedOut");
  });
});

it("a node that was not Ready since its start has no network state", () => {
  expect(stateOf({ pods: [daemonPod()], startedAt: Date.parse(since) + MINUTE })).toBeUndefined();
});

it.each([
  ["aws-node", true],
  ["cilium", true],
  ["calico-node", true],
  ["eks-node-monitoring-agent", true],
  ["kube-proxy", false],
])("the DaemonSet %s reports on networks: %s", (name, expected) => {
  expect(isNetworkReporter({ metadata: { name }, spec: { template: { spec: { containers: [] } } } })).toBe(expected);
});

describe("the taints that the network decides on", () => {
  const startup = { key: "node.cilium.io/agent-not-ready", effect: "NoSchedule" };
  const notReady = { key: "stratos.sh/not-ready", value: "true", effect: "NoSchedule" };
  const other = { key: "dedicated", effect: "NoSchedule" };
  const tainted = aNode("n", { taints: [other, startup, notReady] });
  const gated = (template: SpecOverrides["template"]) =>
    gatedTaints(tainted, aSpec({ template: { startupTaints: [startup], ...template } }));

  it("are the startup taints and not-ready", () => {
    expect(gated({})).toEqual([startup, notReady]);
  });
  it("are the startup taints with the strategy None", () => {
    expect(gated({ networkReadinessStrategy: "None" })).toEqual([startup]);
  });
  it("are only not-ready if somebody else removes the startup taints", () => {
    expect(gated({ startupTaintRemoval: "External" })).toEqual([notReady]);
  });
});

it("a node is Ready only if its kubelet has reported so since the start", () => {
  const old = { ...ready, lastTransitionTime: before };
  expect(isReadySince(node(old), STARTED)).toBe(false);
  expect(isReadySince(node({ ...old, lastHeartbeatTime: since }), STARTED)).toBe(true);
  expect(isReadySince(node({ ...old, status: "Unknown", lastTransitionTime: since }), STARTED)).toBe(false);
});
