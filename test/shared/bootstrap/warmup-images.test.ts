import { describe, expect, test } from "vitest";
import { warmupImages } from "../../../shared/bootstrap/warmup-images.ts";
import type { DaemonSet, PodSpec } from "../../../shared/model/kubernetes/objects.ts";
import { aTemplateClass } from "../nodeclass/builders.ts";
import { aSpec } from "../pool/builders.ts";

const { template, preWarm } = aSpec();
const daemonSet = (image: string, spec: Partial<PodSpec> = {}): DaemonSet => ({
  metadata: { name: image },
  spec: { template: { spec: { containers: [{ name: "main", image }], ...spec } } },
});
const images = (daemonSets: readonly DaemonSet[], spec = aSpec(), nodeClass = aTemplateClass()) =>
  warmupImages(spec, nodeClass.spec, daemonSets);

test("the pool's images and those of DaemonSets are each pulled once", () => {
  const spec = aSpec({ preWarm: { ...preWarm, images: ["redis", "quay.io/model:v1"] } });
  const agent = daemonSet("docker.io/library/redis:latest", { initContainers: [{ name: "init", image: "busybox:1" }] });
  expect(images([agent], spec)).toEqual([
    "docker.io/library/busybox:1",
    "docker.io/library/redis:latest",
    "quay.io/model:v1",
  ]);
});

describe("a DaemonSet's images", () => {
  const affinity = (key: string, operator: "In" | "NotIn", values: string[]) => ({
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key, operator, values }] }],
        },
      },
    },
  });

  test.each<[string, Partial<PodSpec>]>([
    ["that selects what every node of the type has", { nodeSelector: { "kubernetes.io/arch": "amd64" } }],
    ["that keeps away from other nodes", affinity("eks.amazonaws.com/compute-type", "NotIn", ["fargate"])],
    ["that selects the pool", { nodeSelector: { "stratos.sh/pool": "workers" } }],
  ])("%s are pulled", (_, spec) => {
    expect(images([daemonSet("agent:1", spec)])).toEqual(["docker.io/library/agent:1"]);
  });

  test.each<[string, Partial<PodSpec>]>([
    ["of another architecture", { nodeSelector: { "kubernetes.io/arch": "arm64" } }],
    ["of other types", affinity("node.kubernetes.io/instance-type", "In", ["p5.48xlarge"])],
    ["with a registry's password of its own, which only kubelet has", { imagePullSecrets: [{ name: "registry" }] }],
  ])("%s are not", (_, spec) => {
    expect(images([daemonSet("agent:1", spec)])).toEqual([]);
  });

  test("depend on the pool's and the class's lasting taints, not on startup taints", () => {
    const taint = { key: "ci", value: "yes", effect: "NoSchedule" } as const;
    const startup = { key: "agent", effect: "NoExecute" } as const;
    const spec = aSpec({ template: { ...template, taints: [taint], startupTaints: [startup] } });
    const tolerant = daemonSet("tolerant:1", { tolerations: [{ key: "ci", operator: "Exists" }] });
    expect(images([daemonSet("other:1"), tolerant], spec)).toEqual(["docker.io/library/tolerant:1"]);
    expect(images([daemonSet("other:1")], aSpec(), aTemplateClass({ kubelet: { nodeTaints: [taint] } }))).toEqual([]);
  });

  test("that no registry can have are left out", () => {
    expect(images([daemonSet("-v"), daemonSet("$(poweroff)"), daemonSet("a b")])).toEqual([]);
  });
});
