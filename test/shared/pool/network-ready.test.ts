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
    ["ready if the agent reports so", true, node(networking)],
    ["ready if Calico reports so", true, node(calico)],
    ["ready if Cilium reports so", true, node({ ...calico, reason: "CiliumIsUp" })],
    ["not ready if only the routes of the cloud are reported", false, node({ ...calico, reason: "RouteCreated" })],
    ["not ready if the report is from before the start", false, node({ ...networking, lastTransitionTime: before })],
    [
      "ready if an old report was repeated since the start",
      true,
      node({ ...networking, lastTransitionTime: before, lastHeartbeatTime: since }),
    ],
    ["not ready if the agent reports so", false, node({ ...networking, status: "False" })],
    ["not ready if nothing is reported", false, node()],
  ])("%s", (_, ready, found) => {
    expect(isNetworkReady({ node: found, pods: [] }, aSpec(), STARTED)).toBe(ready);
  });
});

describe("with a pod selector, a network is", () => {
  it.each<[string, boolean, KubeNode, KubePod[]]>([
    ["ready if both are ready: report and pod", true, node(networking), [plugin("True", since)]],
    ["not ready without the pod", false, node(networking), []],
    ["not ready if only another pod is Ready", false, node(networking), [plugin("True", since, "kube-proxy")]],
    ["not ready while the pod is not Ready", false, node(networking), [plugin("False", since)]],
    ["not ready if the pod was Ready before the start only", false, node(networking), [plugin("True", before)]],
    ["ready if the pod is Ready and nothing ever reports", true, node(), [plugin("True", since)]],
    [
      "not ready if the pod is Ready and a report is still due",
      false,
      node({ ...networking, lastTransitionTime: before }),
      [plugin("True", since)],
    ],
  ])("%s", (_, ready, found, pods) => {
    expect(isNetworkReady({ node: found, pods }, aSpec(byPod), STARTED)).toBe(ready);
  });
});

it("a node is Ready only if its kubelet has reported so since the start", () => {
  const ready = { type: "Ready", status: "True", lastTransitionTime: before };
  expect(isReadySince(node(ready), STARTED)).toBe(false);
  expect(isReadySince(node({ ...ready, lastHeartbeatTime: since }), STARTED)).toBe(true);
  expect(isReadySince(node({ ...ready, status: "Unknown", lastTransitionTime: since }), STARTED)).toBe(false);
});
