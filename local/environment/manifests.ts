/** Applies a folder like `kubectl apply -k`, limited to what Stratos's own manifests need. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { KubeClient } from "../../shared/kube/client.ts";
import type { KubeObject } from "../kubernetes/api-server/store.ts";
import { withLastApplied } from "./last-applied.ts";

interface Kustomization {
  readonly resources?: readonly string[];
}

const parseFile = <T>(path: string): T[] =>
  parseAllDocuments(readFileSync(path, "utf8")).flatMap((document) => (document.toJS() as T | null) ?? []);

/** Reads the objects of a folder's kustomization.yaml, with bases in place of the entries that name them. Ignores its `images`. */
export const readManifests = (directory: string): KubeObject[] => {
  const [kustomization] = parseFile<Kustomization>(join(directory, "kustomization.yaml"));
  return (kustomization?.resources ?? []).flatMap((resource) => {
    const path = join(directory, resource);
    return /\.ya?ml$/.test(resource) ? parseFile<KubeObject>(path) : readManifests(path);
  });
};

/** The API path for creating each kind, in the order in which `kubectl` creates them. */
const COLLECTIONS: Readonly<Record<string, (namespace: string) => string>> = {
  Namespace: () => "/api/v1/namespaces",
  CustomResourceDefinition: () => "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
  ServiceAccount: (namespace) => `/api/v1/namespaces/${namespace}/serviceaccounts`,
  ClusterRole: () => "/apis/rbac.authorization.k8s.io/v1/clusterroles",
  ClusterRoleBinding: () => "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
  Role: (namespace) => `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/roles`,
  RoleBinding: (namespace) => `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`,
};

/** Creates the objects, except those of the kinds in `leaveOut`. Throws on an unsupported kind. */
export const createObjects = async (
  client: KubeClient,
  objects: readonly KubeObject[],
  leaveOut: readonly string[] = [],
): Promise<void> => {
  const wanted = objects.filter(({ kind }) => !leaveOut.includes(kind));
  const unknown = wanted.find(({ kind }) => !COLLECTIONS[kind]);
  if (unknown) throw new Error(`creating ${unknown.kind} ${unknown.metadata.name}: no support for this kind`);
  for (const [kind, collection] of Object.entries(COLLECTIONS))
    for (const object of wanted.filter((candidate) => candidate.kind === kind))
      await client.create(collection(object.metadata.namespace ?? "default"), withLastApplied(object));
};
