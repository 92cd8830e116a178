import { describe, expect, it } from "vitest";
import type { Environment } from "../../local/environment/start.ts";
import type { KubeObject } from "../../local/kubernetes/api-server/store.ts";
import {
  apply,
  burstOf,
  burstPods,
  callsOf,
  condition,
  endBurst,
  instancesByState,
  MINUTE,
  type NodeObject,
  pool,
  QUICK_TO_STOP,
  quickStart,
  startStratos,
  told,
  untilRunning,
} from "./stratos.ts";

/** Nothing is launched while a node is in use, so that a planned fault meets the start it is meant for. */
const NO_MORE = { ...QUICK_TO_STOP, poolSize: 3 };

const nodes = ({ kube }: Environment) => kube.store.list<NodeObject>("nodes");

const counted = (embedded: Environment, metric: string) =>
  embedded.functions.metrics().filter(({ name }) => name === metric);

describe("a start", () => {
  it("that hangs is begun once more, and serves", async () => {
    const embedded = await startStratos();
    await quickStart(embedded, NO_MORE);
    embedded.kube.nodeFaults.hangBoots(1);
    await apply(embedded, burstOf(1));
    await untilRunning(embedded, 1);
    await embedded.until("both are up again and at rest", () => told(embedded, "StartTimeout").length === 1, {
      withinMs: 5 * MINUTE,
    });
    expect(told(embedded, "StartTimeout")[0]?.message).toMatch(/not become Ready within 120 s.*once more/);
    await endBurst(embedded);
    expect(callsOf(embedded, "TerminateInstances")).toEqual([]);
    expect(instancesByState(embedded)).toEqual({ stopped: pool(embedded)?.status?.total });
  });

  it("that hangs twice is replaced, while another node serves", async () => {
    const embedded = await startStratos({ seed: 3 });
    await quickStart(embedded, NO_MORE);
    embedded.kube.nodeFaults.hangBoots(1);
    await apply(embedded, burstOf(1));
    await embedded.until("it is begun once more", () => told(embedded, "StartTimeout").length === 1, {
      withinMs: 5 * MINUTE,
    });
    embedded.kube.nodeFaults.hangBoots(1);
    await embedded.until("it is given up", () => callsOf(embedded, "TerminateInstances").length === 1, {
      withinMs: 10 * MINUTE,
    });
    expect(told(embedded, "StartTimeout").map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/again.*replacing it.*get-console-output/),
    );
    await untilRunning(embedded, 1);
    expect(burstPods(embedded).map(({ status }) => status?.phase)).toEqual(["Running"]);
    await endBurst(embedded);
  });
});

const AGENT_LABELS = { "k8s-app": "aws-node" };

/** The VPC CNI's pod on each node, as far as anybody looks at it. */
const AGENT: KubeObject = {
  apiVersion: "apps/v1",
  kind: "DaemonSet",
  metadata: { name: "aws-node", namespace: "kube-system" },
  spec: {
    selector: { matchLabels: AGENT_LABELS },
    template: {
      metadata: { labels: AGENT_LABELS },
      spec: {
        tolerations: [{ operator: "Exists" }],
        containers: [{ name: "aws-node", image: "602401143452.dkr.ecr.us-east-1.amazonaws.com/amazon-k8s-cni:v1.20" }],
      },
    },
  },
};

describe("a network", () => {
  it("that is never reported opens the node after two minutes, with a warning", async () => {
    const embedded = await startStratos();
    await quickStart(embedded, NO_MORE);
    embedded.kube.nodeFaults.withholdNetwork(1);
    await apply(embedded, burstOf(1));
    await embedded.until("the taints are given up", () => told(embedded, "NetworkNotReady").length === 1, {
      withinMs: 5 * MINUTE,
    });
    await untilRunning(embedded, 1);
    const triggers = counted(embedded, "StartupTaintRemovals").map(({ dimensions }) => dimensions.Trigger);
    expect(triggers).toContain("timeout");
  });

  const template = (selector: Record<string, string>) => ({
    ...NO_MORE,
    template: {
      nodeClassRef: { kind: "AWSNodeClass", name: "workers" },
      startupTaints: [{ key: "node.eks.amazonaws.com/not-ready", value: "true", effect: "NoSchedule" }],
      networkPodSelector: selector,
    },
  });

  it("is ready when the CNI's pod on the node is Ready, where one is asked for", async () => {
    const embedded = await startStratos();
    await embedded.kube.client.create("/apis/apps/v1/namespaces/kube-system/daemonsets", AGENT);
    await quickStart(embedded, template(AGENT_LABELS));
    await apply(embedded, burstOf(1));
    await untilRunning(embedded, 1);
    expect(told(embedded, "NetworkNotReady")).toEqual([]);
  });

  it("is not ready while the CNI's pod is missing", async () => {
    const embedded = await startStratos();
    await quickStart(embedded, template(AGENT_LABELS));
    await apply(embedded, burstOf(1));
    await untilRunning(embedded, 1);
    expect(told(embedded, "NetworkNotReady")).toHaveLength(1);
  });
});

describe("standby.nodeObject: Delete", () => {
  it("leaves no node object in standby, and the node comes back with what its user data registers", async () => {
    const embedded = await startStratos();
    await quickStart(embedded, QUICK_TO_STOP);
    await embedded.until("a warning", () => condition(embedded, "StandbyShareHigh") === "True ZoneAtRisk", {
      withinMs: 10 * MINUTE,
    });
    const spec = { standby: { nodeObject: "Delete" } };
    await embedded.kube.client.patch("/apis/stratos.sh/v1alpha1/nodepools/workers", "merge", { spec });
    await embedded.until("the nodes are gone", () => nodes(embedded).length === 0, { withinMs: MINUTE });
    await embedded.until("no warning", () => condition(embedded, "StandbyShareHigh") === "False AsExpected", {
      withinMs: MINUTE,
    });
    await apply(embedded, burstOf(1));
    await untilRunning(embedded, 1);
    const [node] = nodes(embedded);
    expect(node?.metadata.labels).toMatchObject({ "stratos.sh/pool": "workers", "stratos.sh/state": "running" });
    expect(node?.spec.taints ?? []).toEqual([]);
    await endBurst(embedded);
    await embedded.until("the node is gone again", () => nodes(embedded).length === 0, { withinMs: MINUTE });
    expect(callsOf(embedded, "TerminateInstances")).toEqual([]);
    expect(instancesByState(embedded)).toEqual({ stopped: pool(embedded)?.status?.total });
  });
});
