/** What the shipped roles grant, what was used and what was refused, from the cluster and its audit log. */
import { FORWARDER_USER } from "../../local/environment/run-forwarder.ts";
import type { AuditEvent } from "./audit-log.ts";
import type { Real } from "./stage.ts";

export interface ClusterRole {
  readonly rules: readonly { readonly apiGroups: string[]; readonly resources: string[]; readonly verbs: string[] }[];
}

export interface GrantReport {
  /** `list nodepools.stratos.sh`, `create pods/eviction`. */
  readonly granted: readonly string[];
  readonly used: readonly string[];
  /** Requests that were answered with 403. */
  readonly refused: readonly string[];
}

const FORBIDDEN = 403;

const inGroup =
  (group: string) =>
  ({ user }: AuditEvent): boolean =>
    user.groups?.includes(group) ?? false;

/** The identities, by role name. */
const IDENTITIES = {
  "stratos-forwarder": ({ user }: AuditEvent) => user.username === FORWARDER_USER,
  "stratos-functions": inGroup("stratos-functions"),
  "stratos-class-functions": inGroup("stratos-class-functions"),
} as const;

export type RoleName = keyof typeof IDENTITIES;

export const grantName = (verb: string, group: string, resource: string): string => {
  const [plural = "", subresource] = resource.split("/");
  return `${verb} ${plural}${group && `.${group}`}${subresource ? `/${subresource}` : ""}`;
};

export const grantsOf = ({ rules }: ClusterRole): string[] =>
  rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) => verbs.map((verb) => grantName(verb, group, resource))),
    ),
  );

const useOf = ({ verb, requestURI, objectRef }: AuditEvent): string => {
  if (!objectRef) return `${verb} ${requestURI}`;
  const { resource, subresource, apiGroup = "" } = objectRef;
  return grantName(verb, apiGroup, subresource ? `${resource}/${subresource}` : resource);
};

const isRefused = ({ responseStatus }: AuditEvent) => responseStatus?.code === FORBIDDEN;

/** Requests of the identities that were refused since the cluster was started, such as `stratos-functions: patch nodes`. */
export const refusals = ({ kube }: Real): readonly string[] => {
  const refused = kube.audit.read().filter(isRefused);
  const found = Object.entries(IDENTITIES).flatMap(([role, matches]) =>
    refused.filter(matches).map((event) => `${role}: ${useOf(event)}`),
  );
  return [...new Set(found)];
};

/** The grants of one identity, over the whole life of the cluster. */
export const reportGrants = async ({ kube }: Real, role: RoleName): Promise<GrantReport> => {
  const installed: ClusterRole = JSON.parse(await kube.kubectl(["get", "clusterrole", role, "-o", "json"]));
  const events = kube.audit.read().filter(IDENTITIES[role]);
  return {
    granted: grantsOf(installed).sort(),
    used: [...new Set(events.filter((event) => !isRefused(event)).map(useOf))].sort(),
    refused: [...new Set(events.filter(isRefused).map(useOf))].sort(),
  };
};

/** Used only in some runs. */
const NOT_IN_EVERY_RUN: Readonly<Record<RoleName, readonly string[]>> = {
  "stratos-forwarder": [],
  // After a lost race with another writer, for a node that lost its pool's label, or for pods with resource claims or with claims of a driver that
  // tells its capacity.
  "stratos-functions": [
    "get nodes",
    "list csistoragecapacities.storage.k8s.io",
    "list deviceclasses.resource.k8s.io",
    "list resourceclaims.resource.k8s.io",
  ],
  // While AWS does not answer, or for a class with something to warn about.
  "stratos-class-functions": ["create events", "get events", "patch events"],
};

/** The problems of a role according to such a report: verbs that are missing or unused. */
export const problemsOf = (role: RoleName, { granted, used, refused }: GrantReport): readonly string[] => [
  ...refused.map((name) => `${role} was refused: ${name}`),
  ...granted
    .filter((name) => !used.includes(name) && !NOT_IN_EVERY_RUN[role].includes(name))
    .map((name) => `${role} has an unused grant: ${name}`),
];

/** The names of the users that deleted an object of a resource since the cluster was started. */
export const deletersOf = ({ kube }: Real, resource: string, name?: string): readonly string[] => [
  ...new Set(
    kube.audit
      .read()
      .filter(({ verb, objectRef, responseStatus }) => {
        const matches = objectRef?.resource === resource && (name === undefined || objectRef.name === name);
        return verb === "delete" && matches && (responseStatus?.code ?? 0) < 300;
      })
      .map(({ user }) => user.username),
  ),
];
