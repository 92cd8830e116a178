/** Which images a pool's new instances pull before they are standby. */
import type { PoolSpec } from "../model/api/pool-spec.ts";
import type { AWSNodeClassSpec } from "../model/api/types.ts";
import { normalizedImage } from "../model/kubernetes/image-reference.ts";
import type { DaemonSet, PodSpec, Toleration } from "../model/kubernetes/objects.ts";
import { incompatibility } from "../scheduling/node-compatibility.ts";

/** What the DaemonSet controller adds (pkg/controller/daemon/util, AddOrUpdateDaemonPodTolerations), as far as new nodes have the taint. */
const DAEMON_TOLERATIONS: readonly Toleration[] = [
  "not-ready",
  "unreachable",
  "unschedulable",
  "network-unavailable",
].map((name) => ({ key: `node.kubernetes.io/${name}`, operator: "Exists" }));

/** A reference as github.com/distribution/reference has it, loosely; what else a DaemonSet may say is no image anybody can pull. */
const REFERENCE = /^[A-Za-z0-9][A-Za-z0-9._:/@-]*$/;

/** The node as its DaemonSets will find it in service: startup taints are gone by then. */
const attributesOf = ({ template }: PoolSpec, nodeClass: AWSNodeClassSpec) => ({
  labels: {
    "kubernetes.io/os": "linux",
    "kubernetes.io/arch": nodeClass.architecture === "arm64" ? "arm64" : "amd64",
    "node.kubernetes.io/instance-type": nodeClass.instanceType,
    ...nodeClass.kubelet?.nodeLabels,
    ...template.labels,
  },
  taints: [...template.taints, ...(nodeClass.kubelet?.nodeTaints ?? [])],
});

const imagesOf = ({ initContainers = [], containers }: PodSpec): string[] =>
  [...initContainers, ...containers].flatMap(({ image }) => image ?? []);

/** Of a pod that brings a password of its own only its kubelet can pull the images, and does so during warmup. */
const isPullable = ({ imagePullSecrets = [] }: PodSpec): boolean => imagePullSecrets.length === 0;

/** Those that the pool names, and those of the DaemonSets that run on its nodes; sorted, each once, in `normalizedImage`'s form. */
export const warmupImages = (
  spec: PoolSpec,
  nodeClass: AWSNodeClassSpec,
  daemonSets: readonly DaemonSet[],
): readonly string[] => {
  const face = attributesOf(spec, nodeClass);
  const daemons = daemonSets
    .map((daemonSet) => daemonSet.spec.template.spec)
    .filter((pod) => {
      const tolerations = [...(pod.tolerations ?? []), ...DAEMON_TOLERATIONS];
      return isPullable(pod) && incompatibility({ ...pod, tolerations }, face) === undefined;
    });
  const images = [...spec.preWarm.images, ...daemons.flatMap(imagesOf)].filter((image) => REFERENCE.test(image));
  return [...new Set(images.map(normalizedImage))].toSorted();
};
