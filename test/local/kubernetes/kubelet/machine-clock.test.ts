import { expect, it } from "vitest";
import { conditionOf } from "../../../../local/kubernetes/objects/objects.ts";
import { aReadyNode, createStage } from "../stage.ts";

it("a machine's clock that is off after a boot shows in the times of its node's conditions and lease", async () => {
  const stage = createStage();
  const { instanceId, privateDnsName } = await aReadyNode(stage);
  stage.machines.stop(instanceId);
  await stage.advance(70);
  stage.cluster.faults.skew(privateDnsName, -20_000);
  const startedAt = stage.now();
  stage.machines.start(instanceId);
  await stage.advance(6);
  const node = stage.node(privateDnsName);
  const ready = node && conditionOf(node, "Ready");
  expect(ready?.status).toBe("True");
  expect(Date.parse(ready?.lastTransitionTime ?? "")).toBeLessThan(startedAt - 10_000);
  const lease = stage.store.get("leases.coordination.k8s.io", privateDnsName, "kube-node-lease");
  const { renewTime } = (lease?.spec ?? { renewTime: "" }) as { renewTime: string };
  expect(Date.parse(renewTime)).toBeLessThan(startedAt - 10_000);
});
