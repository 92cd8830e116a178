/**
 * Labels under kubernetes.io and k8s.io that kubelet may give its own node; with any other of those it refuses to start, and
 * the API server's NodeRestriction would refuse it. Source: k8s.io/kubelet/pkg/apis, well_known_labels.go.
 */
const ALLOWED: ReadonlySet<string> = new Set([
  "beta.kubernetes.io/arch",
  "beta.kubernetes.io/instance-type",
  "beta.kubernetes.io/os",
  "failure-domain.beta.kubernetes.io/region",
  "failure-domain.beta.kubernetes.io/zone",
  "failure-domain.kubernetes.io/region",
  "failure-domain.kubernetes.io/zone",
  "kubernetes.io/arch",
  "kubernetes.io/hostname",
  "kubernetes.io/os",
  "node.kubernetes.io/instance-type",
  "topology.kubernetes.io/region",
  "topology.kubernetes.io/zone",
]);
const ALLOWED_DOMAINS = ["kubelet.kubernetes.io", "node.kubernetes.io"];
const GUARDED_DOMAINS = ["kubernetes.io", "k8s.io"];

const isWithin = (domain: string, parents: readonly string[]): boolean =>
  parents.some((parent) => domain === parent || domain.endsWith(`.${parent}`));

export const mayKubeletSet = (key: string): boolean => {
  const [domain = "", name] = key.split("/", 2);
  if (name === undefined || !isWithin(domain, GUARDED_DOMAINS)) return true;
  return ALLOWED.has(key) || isWithin(domain, ALLOWED_DOMAINS);
};
