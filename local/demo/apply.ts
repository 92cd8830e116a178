import type { KubeClient } from "../../shared/kube/client.ts";
import { withLastApplied } from "../environment/last-applied.ts";
import type { KubeObject } from "../kubernetes/api-server/store.ts";

/** The API paths of the kinds that the demo applies. */
const PATHS: Readonly<Record<string, (name: string, namespace: string) => { list: string; one: string }>> = {
  AWSNodeClass: (name) => clusterScoped("/apis/stratos.sh/v1alpha1/awsnodeclasses", name),
  NodePool: (name) => clusterScoped("/apis/stratos.sh/v1alpha1/nodepools", name),
  Deployment: (name, namespace) => clusterScoped(`/apis/apps/v1/namespaces/${namespace}/deployments`, name),
};

const clusterScoped = (list: string, name: string) => ({ list, one: `${list}/${name}` });

/** Creates the object or merges it into the existing one, with the annotation of `kubectl apply`. Throws the API server's `KubeError`, which names the invalid field. */
export const applyObject = async (kube: { readonly client: KubeClient }, object: KubeObject): Promise<void> => {
  const { name, namespace = "default" } = object.metadata;
  const paths = PATHS[object.kind]?.(name, namespace);
  if (!paths)
    throw new Error(`applying ${object.kind} ${name}: found kind ${object.kind}, allowed: ${Object.keys(PATHS)}`);
  const applied = withLastApplied(object);
  const existing = await kube.client.get(paths.one);
  if (existing) await kube.client.patch(paths.one, "merge", applied);
  else await kube.client.create(paths.list, applied);
};
