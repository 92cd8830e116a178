/** The images that a pool's new instances pull during warmup. */
import type { PoolSpec } from "../model/api/pool-spec.ts";
import type { AWSNodeClassSpec } from "../model/api/types.ts";
import { normalizedImage } from "../model/kubernetes/image-reference.ts";
import type { DaemonSet, PodSpec, Toleration } from "../model/kubernetes/objects.ts";
import { incompatibility } from "../scheduling/node-compatibility.ts";

/** Tolerations that the DaemonSet controller adds (pkg/controller/daemon/util, AddOrUpdateDaemonPodTolerations), for taints of new nodes. */
const DAEMON_TOLERATIONS: readonly Toleration[] = [
  "not-ready",
  "unreachable",
  "unschedulable",
  "network-unavailable",
].map((name) => ({ key: `node.kubernetes.io/${name}`, operator: "Exists" }));

/** A loose form of the syntax in github.com/distribution/reference; anything else in a DaemonSet cannot be pulled. */
const REFERENCE = /^[A-Za-z0-9][A-Za-z0-9._:/@-]*$/;

/** The node's attributes when it is in service, that is, after its startup taints are removed. */
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

/** If a pod has image pull secrets, only the kubelet can pull its images; it does so when the pod runs during warmup. */
const isPullable = ({ imagePullSecrets = [] }: PodSpec): boolean => imagePullSecrets.length === 0;

export interface WarmupImages {
  /** The pool's images and those of DaemonSets in its required namespaces, to which `preWarm.imagePullPolicy` applies. */
  readonly images: readonly string[];
  /** Those of other DaemonSets: one tenant's bad image must not stop the pool. */
  readonly optionalImages: readonly string[];
}

const normalized = (images: readonly string[]): readonly string[] =>
  [...new Set(images.filter((image) => REFERENCE.test(image)).map(normalizedImage))].toSorted();

/** The pool's images and those of the DaemonSets that run on its nodes; normalized by `normalizedImage`, sorted, without duplicates. */
export const warmupImages = (
  spec: PoolSpec,
  nodeClass: AWSNodeClassSpec,
  daemonSets: readonly DaemonSet[],
): WarmupImages => {
  const attributes = attributesOf(spec, nodeClass);
  const daemons = daemonSets.filter((daemonSet) => {
    const pod = daemonSet.spec.template.spec;
    const tolerations = [...(pod.tolerations ?? []), ...DAEMON_TOLERATIONS];
    return isPullable(pod) && incompatibility({ ...pod, tolerations }, attributes) === undefined;
  });
  const [required, optional] = [true, false].map((wanted) =>
    daemons
      .filter(({ metadata }) => spec.preWarm.requiredNamespaces.includes(metadata.namespace ?? "") === wanted)
      .flatMap((daemonSet) => imagesOf(daemonSet.spec.template.spec)),
  );
  const images = normalized([...spec.preWarm.images, ...(required ?? [])]);
  return { images, optionalImages: normalized(optional ?? []).filter((image) => !images.includes(image)) };
};
