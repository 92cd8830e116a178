import { describe, expect, it } from "vitest";
import type { Environment } from "../../local/environment/start.ts";
import {
  apply,
  burstOf,
  burstPods,
  callsOf,
  endBurst,
  eventsOf,
  instancesByState,
  MINUTE,
  NO_MORE,
  type NodeObject,
  pool,
  QUICK_TO_STOP,
  shareStratos,
  untilRunning,
} from "./stratos.ts";

const stratos = shareStratos();

const nodes = ({ kube }: Environment) => kube.store.list<NodeObject>("nodes");

const metricsNamed = (environment: Environment, metric: string) =>
  environment.functions.metrics().filter(({ name }) => name === metric);

describe("a start", () => {
  it("that hangs is retried once, and the node serves", async () => {
    const environment = await stratos(NO_MORE);
    environment.kube.nodeFaults.hangBoots(1);
    await apply(environment, burstOf(1));
    await untilRunning(environment, 1);
    await environment.until("the start has timed out", () => eventsOf(environment, "StartTimeout").length === 1, {
      withinMs: 5 * MINUTE,
    });
    expect(eventsOf(environment, "StartTimeout")[0]?.message).toMatch(/not become Ready within 120 s.*once more/);
    await endBurst(environment);
    expect(callsOf(environment, "TerminateInstances")).toEqual([]);
    expect(instancesByState(environment)).toEqual({ stopped: pool(environment)?.status?.total });
  });

  it("that hangs twice is replaced, while another node serves", async () => {
    const environment = await stratos(NO_MORE);
    environment.kube.nodeFaults.hangBoots(1);
    await apply(environment, burstOf(1));
    await environment.until("the start is retried", () => eventsOf(environment, "StartTimeout").length === 1, {
      withinMs: 5 * MINUTE,
    });
    environment.kube.nodeFaults.hangBoots(1);
    await environment.until(
      "the instance is terminated",
      () => callsOf(environment, "TerminateInstances").length === 1,
      {
        withinMs: 10 * MINUTE,
      },
    );
    expect(eventsOf(environment, "StartTimeout").map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/again.*replacing it.*get-console-output/),
    );
    await untilRunning(environment, 1);
    expect(burstPods(environment).map(({ status }) => status?.phase)).toEqual(["Running"]);
    await endBurst(environment);
  });
});

describe("a network", () => {
  it("that is never reported ready opens the node after two minutes, with a warning", async () => {
    const environment = await stratos(NO_MORE);
    environment.kube.nodeFaults.withholdNetwork(1);
    await apply(environment, burstOf(1));
    await environment.until(
      "the startup taints are removed",
      () => eventsOf(environment, "NetworkNotReady").length === 1,
      {
        withinMs: 5 * MINUTE,
      },
    );
    await untilRunning(environment, 1);
    const triggers = metricsNamed(environment, "StartupTaintRemovals").map(({ dimensions }) => dimensions.Trigger);
    expect(triggers).toContain("timeout");
  });
});

describe("standby.nodeObject: Delete", () => {
  it("leaves no Node object in standby, and a started node has the labels and taints its user data registers", async () => {
    const environment = await stratos(QUICK_TO_STOP);
    expect(nodes(environment).length).toBeGreaterThan(0);
    const spec = { standby: { nodeObject: "Delete" } };
    await environment.kube.client.patch("/apis/stratos.sh/v1alpha1/nodepools/workers", "merge", { spec });
    await environment.until("the nodes are gone", () => nodes(environment).length === 0, { withinMs: MINUTE });
    await apply(environment, burstOf(1));
    await untilRunning(environment, 1);
    const [node] = nodes(environment);
    expect(node?.metadata.labels).toMatchObject({ "stratos.sh/pool": "workers", "stratos.sh/state": "running" });
    expect(node?.spec.taints ?? []).toEqual([]);
    await endBurst(environment);
    await environment.until("the node is gone again", () => nodes(environment).length === 0, { withinMs: MINUTE });
    expect(callsOf(environment, "TerminateInstances")).toEqual([]);
    expect(instancesByState(environment)).toEqual({ stopped: pool(environment)?.status?.total });
  });
});
