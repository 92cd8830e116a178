import { expect, it } from "vitest";
import { isReady } from "../../../../local/kubernetes/objects/objects.ts";
import { aPod, aReadyNode, createStage } from "../stage.ts";

const aDaemonSet = (name: string, hostNetwork: boolean) => ({
  apiVersion: "apps/v1",
  kind: "DaemonSet",
  metadata: { name, namespace: "default" },
  spec: {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { hostNetwork, containers: [{ name: "main", image: "registry.k8s.io/pause:3.10" }] },
    },
  },
});

it("a node's DaemonSet pods are back in stages after a boot, those on the host's network first", async () => {
  const stage = createStage({
    nodes: { hostNetworkMs: { min: 2_000, spread: 0 }, podNetworkMs: { min: 5_000, spread: 0 } },
  });
  const { instanceId, privateDnsName } = await aReadyNode(stage);
  stage.store.create("daemonsets.apps", aDaemonSet("network", true));
  stage.store.create("daemonsets.apps", aDaemonSet("logs", false));
  stage.store.create("pods", aPod("server"));
  await stage.advance(10);
  stage.machines.stop(instanceId);
  await stage.advance(70);
  const ready = () => ["network-", "logs-", "server"].map((prefix) => stage.pods(prefix).some(isReady));
  expect(ready()).toEqual([false, false, false]);
  stage.machines.start(instanceId);
  while (!isReady(stage.node(privateDnsName) ?? {})) await stage.advance(0.1);
  await stage.advance(1);
  expect(ready()).toEqual([false, false, true]);
  await stage.advance(2);
  expect(ready()).toEqual([true, false, true]);
  await stage.advance(5);
  expect(ready()).toEqual([true, true, true]);
});
