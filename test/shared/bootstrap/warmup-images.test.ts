import { describe, expect, test } from "vitest";
import { warmupImages } from "../../../shared/bootstrap/warmup-images.ts";
import type { DaemonSet, PodSpec } from "../../../shared/model/kubernetes/objects.ts";
import { aTemplateClass } from "../nodeclass/builders.ts";
import { aSpec } from "../pool/builders.ts";

const { template, preWarm } = aSpec();
const daemonSet = (image: string, spec: Partial<PodSpec> = {}, namespace = "kube-system"): DaemonSet => ({
  metadata: { name: image, namespace },
  spec: { template: { spec: { containers: [{ name: "main", image }], ...spec } } },
});
const images = (daemonSets: readonly DaemonSet[], spec = aSpec(), nodeClass = aTemplateClass()) =>
  warmupImages(spec, nodeClass.spec, daemonSets).images;

test("images of the pool and of DaemonSets are pulled once each", () => {
  const spec = aSpec({ preWarm: { ...preWarm, images: ["redis", "quay.io/model:v1"] } });
  const agent = daemonSet("docker.io/library/redis:latest", { initContainers: [{ name: "init", image: "busybox:1" }] });
  expect(images([agent], spec)).toEqual([
    "docker.io/library/busybox:1",
    "docker.io/library/redis:latest",
    "quay.io/model:v1",
  ]);
});

test("only the images of the pool, kube-system and the required namespaces are required", () => {
  const requiredNamespaces = ["kube-system", "monitoring"];
  const spec = aSpec({ preWarm: { ...preWarm, images: ["shared:1"], requiredNamespaces } });
  const daemonSets = [
    daemonSet("cni:1"),
    daemonSet("metrics:1", {}, "monitoring"),
    daemonSet("theirs:1", { initContainers: [{ name: "init", image: "shared:1" }] }, "team-a"),
  ];
  expect(warmupImages(spec, aTemplateClass().spec, daemonSets)).toEqual({
    images: ["docker.io/library/cni:1", "docker.io/library/metrics:1", "docker.io/library/shared:1"],
    optionalImages: ["docker.io/library/theirs:1"],
  });
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
    ["with a selector that every node of the type matches", { nodeSelector: { "kubernetes.io/arch": "amd64" } }],
    ["with an affinity that excludes other nodes", affinity("eks.amazonaws.com/compute-type", "NotIn", ["fargate"])],
    ["with a selector for the pool", { nodeSelector: { "stratos.sh/pool": "workers" } }],
  ])("%s are pulled", (_, spec) => {
    expect(images([daemonSet("agent:1", spec)])).toEqual(["docker.io/library/agent:1"]);
  });

  test.each<[string, Partial<PodSpec>]>([
    ["for another architecture", { nodeSelector: { "kubernetes.io/arch": "arm64" } }],
    ["for other instance types", affinity("node.kubernetes.io/instance-type", "In", ["p5.48xlarge"])],
    ["with image pull secrets, which only the kubelet has", { imagePullSecrets: [{ name: "registry" }] }],
  ])("%s are not pulled", (_, spec) => {
    expect(images([daemonSet("agent:1", spec)])).toEqual([]);
  });

  test("depend on the permanent taints of pool and class, not on startup taints", () => {
    const taint = { key: "ci", value: "yes", effect: "NoSchedule" } as const;
    const startup = { key: "agent", effect: "NoExecute" } as const;
    const spec = aSpec({ template: { ...template, taints: [taint], startupTaints: [startup] } });
    const tolerant = daemonSet("tolerant:1", { tolerations: [{ key: "ci", operator: "Exists" }] });
    expect(images([daemonSet("other:1"), tolerant], spec)).toEqual(["docker.io/library/tolerant:1"]);
    expect(images([daemonSet("other:1")], aSpec(), aTemplateClass({ kubelet: { nodeTaints: [taint] } }))).toEqual([]);
  });

  test("with invalid references are ignored", () => {
    expect(images([daemonSet("-v"), daemonSet("$(poweroff)"), daemonSet("a b")])).toEqual([]);
  });
});
