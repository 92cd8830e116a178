import { expect, it } from "vitest";
import { displacedPods } from "../../../shared/demand/displaced-pods.ts";
import { isDemand, pendingSince } from "../../../shared/demand/pending-pod.ts";
import type { KubePod } from "../../../shared/model/kubernetes/objects.ts";
import type { SpotNotice } from "../../../shared/model/spot-notice.ts";
import { aRecord } from "../pool/builders.ts";
import { aPod, NOW, SECOND } from "../pool/objects.ts";

const NOTICE: SpotNotice = { instanceId: "i-1", pool: "workers", kind: "interruption", at: NOW };

const onNode = (pod: KubePod): KubePod => ({ ...pod, spec: { ...pod.spec, nodeName: "node-1" } });
const names = (pods: readonly KubePod[]) => pods.map(({ metadata }) => metadata.name);

it("a pod of an interrupted node is demand since the notice", () => {
  const [pod, ...others] = displacedPods(NOTICE, [onNode(aPod("p"))], []);
  expect(others).toEqual([]);
  expect([pod && isDemand(pod), pod && pendingSince(pod)]).toEqual([true, NOW]);
});

it("pods that end with the node, have finished or are leaving are not", () => {
  const pods = [
    aPod("daemon", { owner: "DaemonSet" }),
    aPod("finished", { phase: "Succeeded" }),
    aPod("leaving", { deleting: true }),
  ];
  expect(displacedPods(NOTICE, pods.map(onNode), [])).toEqual([]);
});

it.each([
  ["since the notice has its place", NOW + SECOND, []],
  ["before the notice has not", NOW - SECOND, ["p"]],
])("a pod for which a node opened %s", (_, openedAt, expected) => {
  const open = aRecord("running", { openedAt, pods: ["default/p"] });
  expect(names(displacedPods(NOTICE, [onNode(aPod("p"))], [open]))).toEqual(expected);
});
