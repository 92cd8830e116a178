import { expect, it } from "vitest";
import { mayKubeletSet } from "../../../shared/bootstrap/kubelet-labels.ts";

/** As a kube-apiserver 1.36 with NodeRestriction decides; the Kubernetes contract suites compare it with the simulator. */
it.each([
  ["example.com/team", true],
  ["topology.kubernetes.io/zone", true],
  ["ci.node.kubernetes.io/kind", true],
  ["node-role.kubernetes.io/worker", false],
  ["node-restriction.kubernetes.io/team", false],
  ["kops.k8s.io/instancegroup", false],
  ["failure-domain.beta.kubernetes.io/zone", true],
  ["failure-domain.kubernetes.io/zone", false],
])("a kubelet may set %s: %s", (key, may) => {
  expect(mayKubeletSet(key)).toBe(may);
});
