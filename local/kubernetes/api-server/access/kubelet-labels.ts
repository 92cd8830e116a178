/**
 * The labels of Kubernetes' own domains that a kubelet may set on its node. It does not start with another one in --node-labels
 * (cmd/kubelet/app/options, ValidateKubeletFlags), and NodeRestriction refuses it. Source: kubernetes,
 * staging/src/k8s.io/kubelet/pkg/apis/well_known_labels.go. The product has a list of its own: an error in one of them shows.
 */
const ALLOWED = new Set([
  "beta.kubernetes.io/arch",
  "beta.kubernetes.io/instance-type",
  "beta.kubernetes.io/os",
  "failure-domain.beta.kubernetes.io/region",
  "failure-domain.beta.kubernetes.io/zone",
  "kubernetes.io/arch",
  "kubernetes.io/hostname",
  "kubernetes.io/os",
  "node.kubernetes.io/instance-type",
  "topology.kubernetes.io/region",
  "topology.kubernetes.io/zone",
]);
const OWN_DOMAINS = ["kubernetes.io", "k8s.io"];
const ALLOWED_DOMAINS = ["kubelet.kubernetes.io", "node.kubernetes.io"];

const isInDomain = (key: string, domains: readonly string[]): boolean => {
  const [domain = ""] = key.includes("/") ? key.split("/") : [];
  return domains.some((each) => domain === each || domain.endsWith(`.${each}`));
};

/** The keys that a kubelet may not set, sorted. */
export const forbiddenLabels = (keys: readonly string[]): string[] =>
  keys
    .filter((key) => isInDomain(key, OWN_DOMAINS) && !ALLOWED.has(key) && !isInDomain(key, ALLOWED_DOMAINS))
    .toSorted();
