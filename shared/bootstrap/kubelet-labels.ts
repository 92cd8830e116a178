/**
 * Labels under kubernetes.io and k8s.io that the kubelet may set on its own node. With any other label of these domains it does not
 * start, and NodeRestriction in the API server would reject the label. Source: k8s.io/kubelet/pkg/apis, well_known_labels.go.
 */
const ALLOWED: ReadonlySet<string> = new Set([
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
const ALLOWED_DOMAINS = ["kubelet.kubernetes.io", "node.kubernetes.io"];
const RESTRICTED_DOMAINS = ["kubernetes.io", "k8s.io"];

const isWithin = (domain: string, parents: readonly string[]): boolean =>
  parents.some((parent) => domain === parent || domain.endsWith(`.${parent}`));

export const mayKubeletSet = (key: string): boolean => {
  const [domain = "", name] = key.split("/", 2);
  if (name === undefined || !isWithin(domain, RESTRICTED_DOMAINS)) return true;
  return ALLOWED.has(key) || isWithin(domain, ALLOWED_DOMAINS);
};
