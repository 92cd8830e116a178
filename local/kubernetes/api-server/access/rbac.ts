import type { KubeObject, Store } from "../store.ts";
import { type Identity, MASTERS } from "./identity.ts";

/** The requested access: to a resource (with its subresource, `pods/eviction`) or to a non-resource path. */
export interface Attributes {
  readonly verb: string;
  readonly group?: string | undefined;
  readonly resource?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly path?: string | undefined;
}

interface Rule {
  verbs: string[];
  apiGroups?: string[];
  resources?: string[];
  resourceNames?: string[];
  nonResourceURLs?: string[];
}
interface Role extends KubeObject {
  rules?: Rule[];
}
interface Binding extends KubeObject {
  roleRef: { kind: string; name: string };
  subjects?: { kind: string; name: string; namespace?: string }[];
}

const RBAC = "rbac.authorization.k8s.io";

/** Whether the stored roles and bindings allow it (pkg/registry/rbac/validation). system:masters may do everything. */
export const isAllowed = (store: Store, identity: Identity, attributes: Attributes): boolean =>
  identity.groups.includes(MASTERS) ||
  rulesFor(store, identity, attributes.namespace).some((rule) => covers(rule, attributes));

const rulesFor = (store: Store, identity: Identity, namespace: string | undefined): Rule[] => {
  const everywhere = store.list<Binding>(`clusterrolebindings.${RBAC}`);
  const here = namespace ? store.list<Binding>(`rolebindings.${RBAC}`, namespace) : [];
  return [...everywhere, ...here]
    .filter((binding) => binding.subjects?.some((subject) => isSubject(subject, identity)))
    .flatMap(({ roleRef }) =>
      roleRef.kind === "ClusterRole"
        ? (store.get<Role>(`clusterroles.${RBAC}`, roleRef.name)?.rules ?? [])
        : (store.get<Role>(`roles.${RBAC}`, roleRef.name, namespace)?.rules ?? []),
    );
};

const isSubject = (
  subject: { kind: string; name: string; namespace?: string },
  { user, groups }: Identity,
): boolean => {
  if (subject.kind === "Group") return groups.includes(subject.name);
  if (subject.kind === "ServiceAccount") return user === `system:serviceaccount:${subject.namespace}:${subject.name}`;
  return subject.kind === "User" && subject.name === user;
};

const covers = (rule: Rule, { verb, group = "", resource, name, path }: Attributes): boolean => {
  if (!includes(rule.verbs, verb)) return false;
  if (path !== undefined) return (rule.nonResourceURLs ?? []).some((pattern) => coversPath(pattern, path));
  const [, subresource] = (resource ?? "").split("/");
  const resources = rule.resources ?? [];
  const names = rule.resourceNames ?? [];
  return (
    includes(rule.apiGroups ?? [], group) &&
    (includes(resources, resource ?? "") || (subresource !== undefined && resources.includes(`*/${subresource}`))) &&
    (names.length === 0 || (name !== undefined && names.includes(name)))
  );
};

const includes = (list: readonly string[], value: string): boolean => list.includes("*") || list.includes(value);

const coversPath = (pattern: string, path: string): boolean =>
  pattern === path || pattern === "*" || (pattern.endsWith("*") && path.startsWith(pattern.slice(0, -1)));
