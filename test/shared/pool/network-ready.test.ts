import { describe, expect, it } from "vitest";
import { isReadySince } from "../../../shared/model/kubernetes/condition-freshness.ts";
import type { Condition, KubeNode, KubePod } from "../../../shared/model/kubernetes/objects.ts";
import { isNetworkReady } from "../../../shared/pool/network-ready.ts";
import { aSpec, NOW } from "./builders.ts";

const STARTED = NOW - 15_000;
const at = (ms: number) => new Date(ms).toISOString();
const before = at(STARTED - 60_000);
const since = at(STARTED + 5_000);

const node = (...conditions: Condition[]): KubeNode => ({ metadata: { name: "n" }, status: { conditions } });

const plugin = (ready: "True" | "False", lastTransitionTime: string, app = "aws-node"): KubePod => ({
  metadata: { name: app, namespace: "kube-system", labels: { "k8s-app": app } },
  spec: { containers: [] },
  status: { phase: "Running", conditions: [{ type: "Ready", status: ready, lastTransitionTime }] },
});

const byPod = { template: { ...aSpec().template, networkPodSelector: { "k8s-app": "aws-node" } } };
const networking = { type: "NetworkingReady", status: "True", lastTransitionTime: since };
const calico = { type: "NetworkUnavailable", status: "False", reason: "CalicoIsUp", lastTransitionTime: since };

describe("without a pod selector, a network is", () => {
  it.each<[string, boolean, KubeNode]>([
    ["ready by the agent", true, node(networking)],
    ["ready by Calico", true, node(calico)],
    ["ready by Cilium", true, node({ ...calico, reason: "CiliumIsUp" })],
    ["not ready by a cloud's routes", false, node({ ...calico, reason: "RouteCreated" })],
    ["not ready by a report from before the start", false, node({ ...networking, lastTransitionTime: before })],
    [
      "ready by a report that says the same again",
      true,
      node({ ...networking, lastTransitionTime: before, lastHeartbeatTime: since }),
    ],
    ["not ready when the agent says so", false, node({ ...networking, status: "False" })],
    ["not ready when nothing is reported", false, node()],
  ])("%s", (_, ready, found) => {
    expect(isNetworkReady({ node: found, pods: [] }, aSpec(), STARTED)).toBe(ready);
  });
});

describe("with a pod selector, a network is", () => {
  it.each<[string, boolean, KubeNode, KubePod[]]>([
    ["ready by report and pod", true, node(networking), [plugin("True", since)]],
    ["not ready by the report alone", false, node(networking), []],
    ["not ready by another pod", false, node(networking), [plugin("True", since, "kube-proxy")]],
    ["not ready while the pod is not", false, node(networking), [plugin("False", since)]],
    ["not ready by a pod that was Ready before the start", false, node(networking), [plugin("True", before)]],
    ["ready by the pod alone where nothing ever reports", true, node(), [plugin("True", since)]],
    [
      "not ready by the pod alone where a report is still to come",
      false,
      node({ ...networking, lastTransitionTime: before }),
      [plugin("True", since)],
    ],
  ])("%s", (_, ready, found, pods) => {
    expect(isNetworkReady({ node: found, pods }, aSpec(byPod), STARTED)).toBe(ready);
  });
});

it("a node is Ready by what its kubelet has said since the start, not by what it said before it stopped", () => {
  const ready = { type: "Ready", status: "True", lastTransitionTime: before };
  expect(isReadySince(node(ready), STARTED)).toBe(false);
  expect(isReadySince(node({ ...ready, lastHeartbeatTime: since }), STARTED)).toBe(true);
  expect(isReadySince(node({ ...ready, status: "Unknown", lastTransitionTime: since }), STARTED)).toBe(false);
});
