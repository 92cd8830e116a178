import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";

const read = (file: string) =>
  parseAllDocuments(readFileSync(new URL(`../../forwarder/manifests/${file}`, import.meta.url), "utf8")).map(
    (document) => document.toJS(),
  );

interface Role {
  rules: { apiGroups: string[]; resources: string[]; verbs: string[] }[];
}

/** One line per resource, such as `nodes: get list patch delete`, so that a change of permissions is visible in the diff. */
const permissions = ({ rules }: Role) =>
  rules.flatMap(({ resources, verbs }) => resources.map((resource) => `${resource}: ${verbs.join(" ")}`)).sort();

test("the forwarder may only list and watch its resources, and read and renew its own lease", () => {
  const [role, binding, leaseRole, leaseBinding] = read("forwarder-role.yaml");
  expect(permissions(role)).toEqual(
    ["awsnodeclasses", "nodepools", "nodes", "pods"].map((resource) => `${resource}: list watch`),
  );
  const [account] = read("service-account.yaml");
  expect(binding.subjects).toEqual([{ kind: "ServiceAccount", ...pick(account.metadata) }]);
  const [lease] = read("lease.yaml");
  expect([leaseRole.kind, leaseRole.metadata.namespace]).toEqual(["Role", lease.metadata.namespace]);
  expect(leaseRole.rules).toEqual([
    {
      apiGroups: ["coordination.k8s.io"],
      resources: ["leases"],
      resourceNames: [lease.metadata.name],
      verbs: ["get", "update"],
    },
  ]);
  expect(leaseBinding.subjects).toEqual(binding.subjects);
  expect(read("deployment.yaml")[0].spec.template.spec.serviceAccountName).toBe(account.metadata.name);
});

const pick = ({ name, namespace }: { name: string; namespace: string }) => ({ name, namespace });

test("the functions that handle nodes have only the permissions that they need", () => {
  const [role, binding] = read("functions-role.yaml");
  expect(permissions(role)).toEqual([
    "awsnodeclasses: get list",
    "csidrivers: list",
    "csinodes: list",
    "csistoragecapacities: list",
    "daemonsets: list",
    "deviceclasses: list",
    "events: create get patch",
    "namespaces: list",
    "nodepools/status: patch",
    "nodepools: get list patch",
    "nodes: get list patch delete",
    "persistentvolumeclaims: list",
    "persistentvolumes: list",
    "pods/eviction: create",
    "pods: list delete",
    "resourceclaims: list",
    "storageclasses: list",
    "volumeattachments: list",
  ]);
  expect(binding.subjects).toMatchObject([{ kind: "Group", name: "stratos-functions" }]);
});

test("the other functions cannot touch nodes and pods", () => {
  const [, , role, binding] = read("functions-role.yaml");
  expect(permissions(role)).toEqual([
    "awsnodeclasses/status: patch",
    "awsnodeclasses: get list patch",
    "events: create get patch",
    "nodepools: list",
  ]);
  expect(binding.roleRef.name).toBe("stratos-class-functions");
  expect(binding.subjects).toMatchObject([{ kind: "Group", name: "stratos-class-functions" }]);
});

test("every manifest is part of the kustomization", () => {
  const [{ resources }] = read("kustomization.yaml");
  expect(resources).toEqual([
    "../../crds",
    "namespace.yaml",
    "service-account.yaml",
    "forwarder-role.yaml",
    "functions-role.yaml",
    "lease.yaml",
    "availability.yaml",
    "network-policy.yaml",
    "deployment.yaml",
  ]);
});

test("only the event loop keeps the pod alive; what it watches and sends makes it ready", () => {
  const [container] = read("deployment.yaml")[0].spec.template.spec.containers;
  expect(container.livenessProbe.httpGet.path).toBe("/livez");
  expect(container.readinessProbe.httpGet.path).toBe("/readyz");
});

describe("there are two replicas", () => {
  const [{ spec }] = read("deployment.yaml");
  const labels = spec.template.metadata.labels;

  test("on two hosts and in two zones, if possible, of which a drain takes one at a time", () => {
    expect(spec.replicas).toBe(2);
    const spread = spec.template.spec.topologySpreadConstraints;
    expect(spread.map(({ topologyKey }: { topologyKey: string }) => topologyKey)).toEqual([
      "kubernetes.io/hostname",
      "topology.kubernetes.io/zone",
    ]);
    for (const { labelSelector, whenUnsatisfiable } of spread) {
      expect([labelSelector.matchLabels, whenUnsatisfiable]).toEqual([labels, "ScheduleAnyway"]);
    }
    const [budget] = read("availability.yaml");
    expect(budget.spec).toEqual({ maxUnavailable: 1, selector: { matchLabels: labels } });
  });

  test("that know where the lease is and who they are", () => {
    const [container] = spec.template.spec.containers;
    const fields = container.env.flatMap(
      ({ name, valueFrom }: { name: string; valueFrom?: { fieldRef: { fieldPath: string } } }) =>
        valueFrom ? [`${name} ${valueFrom.fieldRef.fieldPath}`] : [],
    );
    expect(fields).toEqual(["STRATOS_NAMESPACE metadata.namespace", "STRATOS_POD metadata.name"]);
  });

  test("that reach names, HTTPS and the Pod Identity Agent, and are reached for metrics", () => {
    const [policy] = read("network-policy.yaml");
    expect(policy.spec.podSelector.matchLabels).toEqual(labels);
    const ports = (rules: { ports: { port: number | string; protocol: string }[] }[]) =>
      rules.flatMap((rule) => rule.ports.map(({ port, protocol }) => `${port}/${protocol}`));
    expect(ports(policy.spec.ingress)).toEqual(["http/TCP"]);
    expect(ports(policy.spec.egress)).toEqual(["53/UDP", "53/TCP", "443/TCP", "80/TCP"]);
    expect(policy.spec.egress.at(-1).to[0].ipBlock.cidr).toBe("169.254.170.23/32");
  });
});

test("the pod meets the restricted pod security standard", () => {
  const pod = read("deployment.yaml")[0].spec.template.spec;
  expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
  expect(pod.containers[0].securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  });
});
