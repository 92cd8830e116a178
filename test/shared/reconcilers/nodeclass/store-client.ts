/** A KubeClient directly on the simulated API server's store, with real versions, conflicts, finalizers and status subresources. */
import type { Clock } from "../../../../local/clock.ts";
import { createStore } from "../../../../local/kubernetes/api-server/create-store.ts";
import { mergePatch } from "../../../../local/kubernetes/api-server/patch/merge.ts";
import { KubeFailure, type KubeObject, type Store } from "../../../../local/kubernetes/api-server/store.ts";
import { type KubeClient, KubeError } from "../../../../shared/kube/client.ts";

interface Target {
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly status: boolean;
}

const PATH =
  /^\/apis?\/(?:(?<group>[^/]+\.[^/]+)\/)?v1\w*\/(?:namespaces\/(?<namespace>[^/]+)\/)?(?<plural>\w+)(?:\/(?<name>[^/]+))?(?<status>\/status)?$/;

const targetOf = (path: string): Target => {
  const { group, namespace, plural = "", name = "", status } = PATH.exec(path)?.groups ?? {};
  return { resource: group ? `${plural}.${group}` : plural, namespace, name, status: status !== undefined };
};

/** Converts the store's errors to those of an API client. */
const withKubeErrors = async <T>(work: () => T): Promise<T> => {
  try {
    return work();
  } catch (error) {
    throw error instanceof KubeFailure ? new KubeError(error.code, error.reason, error.message) : error;
  }
};

const patched = (store: Store, path: string, patch: { metadata?: { resourceVersion?: string } }) => {
  const { resource, namespace, name, status } = targetOf(path);
  const expected = patch.metadata?.resourceVersion;
  const apply = (object: KubeObject) => {
    if (expected !== undefined && expected !== object.metadata.resourceVersion) {
      throw new KubeError(409, "Conflict", `${name} has been modified`);
    }
    Object.assign(object, mergePatch(object, patch));
  };
  return store.change(resource, name, namespace, apply, { status });
};

export const createStoreClient = (clock: Pick<Clock, "now">): { readonly store: Store; readonly kube: KubeClient } => {
  const store = createStore({ clock });
  const kube: KubeClient = {
    get: <T>(path: string) =>
      withKubeErrors(() => {
        if (path === "/version") return { major: "1", minor: "35+" } as T;
        const { resource, name, namespace } = targetOf(path);
        return store.get(resource, name, namespace) as T | undefined;
      }),
    list: <T>(path: string) => withKubeErrors(() => store.list(targetOf(path).resource) as T[]),
    patch: <T>(path: string, _: string, body: unknown) =>
      withKubeErrors(() => patched(store, path, body as object) as T | undefined),
    create: <T>(path: string, body: unknown) =>
      withKubeErrors(() => store.create(targetOf(path).resource, body as KubeObject) as T),
    delete: (path) =>
      withKubeErrors(() => {
        const { resource, name, namespace } = targetOf(path);
        const found = store.get(resource, name, namespace) !== undefined;
        store.remove(resource, name, namespace);
        return found;
      }),
  };
  return { store, kube };
};
