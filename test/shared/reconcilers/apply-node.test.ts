import { expect, it } from "vitest";
import { paths } from "../../../shared/kube/paths.ts";
import type { KubeNode } from "../../../shared/model/kubernetes/objects.ts";
import { applyNode, patchNode } from "../../../shared/reconcilers/apply-node.ts";
import { createFakeKube } from "./fake-kube.ts";

const NODE = "/api/v1/nodes/n";
const CORDONED = { unschedulable: true };

/** A node, and another client that changes it right before each of the first `times` writes to it. */
const contended = (change: (count: number) => object, times: number) => {
  const kube = createFakeKube(() => 0);
  kube.put(paths.node("n"), { metadata: { name: "n" }, spec: { taints: [] } });
  let count = 0;
  kube.beforeWrite = () => {
    count += 1;
    if (count <= times) kube.change(NODE, change(count));
  };
  const found = kube.at<KubeNode>(NODE) as KubeNode;
  return { kube, found, ports: { kube: async () => kube.port } };
};

const seen = (count: number) => ({ metadata: { annotations: { "example.com/seen": String(count) } } });

it.each([patchNode, applyNode])(
  "%o is not kept from a node by somebody who keeps changing an annotation",
  async (apply) => {
    const { kube, found, ports } = contended(seen, 6);
    await apply(ports, "c", found, CORDONED);
    expect(kube.at<KubeNode>(NODE)?.spec?.unschedulable).toBe(true);
  },
);

it("a node whose taints somebody changed meanwhile is patched only for whoever has recorded its state", async () => {
  const taint = () => ({ spec: { taints: [{ key: "other", effect: "NoSchedule" }] } });
  const observed = contended(taint, 1);
  await expect(patchNode(observed.ports, "c", observed.found, CORDONED)).rejects.toMatchObject({ status: 409 });
  const recorded = contended(taint, 1);
  await applyNode(recorded.ports, "c", recorded.found, CORDONED);
  expect(recorded.kube.at<KubeNode>(NODE)?.spec).toMatchObject({ unschedulable: true, taints: [{ key: "other" }] });
});

it.each([patchNode, applyNode])("%o gives up on a node that somebody changes at every attempt", async (apply) => {
  const { found, ports } = contended(seen, 100);
  await expect(apply(ports, "c", found, CORDONED)).rejects.toMatchObject({ status: 409 });
});
