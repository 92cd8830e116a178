import type { Clock } from "../../../clock.ts";
import type { VersionedStore } from "../create-store.ts";
import type { CustomResourceDefinition } from "../custom/definition.ts";
import { CLEANUP_FINALIZER } from "../custom/establish.ts";
import { isObject } from "../json-value.ts";
import type { KubeObject, ResourceName } from "../store.ts";

const DEFINITIONS = "customresourcedefinitions.apiextensions.k8s.io";
/** The interval between checks whether all contained objects are gone. */
const RETRY_MS = 200;

/**
 * Deletes the objects inside a namespace (like the namespace controller) or of a CustomResourceDefinition that is being
 * deleted, then removes its finalizer. Also creates the default service account in each new namespace.
 */
export const finalizeDeletedContainers = (store: VersionedStore, clock: Clock): (() => void) => {
  const finalizeNamespace = (name: string): void => {
    const namespace = store.get("namespaces", name);
    if (!namespace?.metadata.deletionTimestamp) return;
    for (const resource of store.resources()) removeAll(resource, store.list(resource, name));
    if (store.resources().some((resource) => store.list(resource, name).length > 0)) {
      clock.after(RETRY_MS, () => finalizeNamespace(name));
      return;
    }
    store.change("namespaces", name, undefined, (object) => {
      object.spec = { ...(isObject(object.spec) ? object.spec : {}), finalizers: [] };
    });
  };

  const finalizeDefinition = (name: string): void => {
    const definition = store.get<CustomResourceDefinition>(DEFINITIONS, name);
    if (!definition?.metadata.deletionTimestamp) return;
    removeAll(name, store.list(name));
    if (store.list(name).length > 0) {
      clock.after(RETRY_MS, () => finalizeDefinition(name));
      return;
    }
    store.change(DEFINITIONS, name, undefined, ({ metadata }) => {
      metadata.finalizers = metadata.finalizers?.filter((finalizer) => finalizer !== CLEANUP_FINALIZER);
    });
  };

  const removeAll = (resource: ResourceName, objects: readonly KubeObject[]): void => {
    for (const { metadata } of objects) store.remove(resource, metadata.name, metadata.namespace);
  };

  const stops = [
    store.subscribe("namespaces", ({ type, object }) => {
      const { name, deletionTimestamp } = object.metadata;
      if (type === "ADDED") addServiceAccount(store, name);
      if (type === "MODIFIED" && deletionTimestamp) clock.after(RETRY_MS / 4, () => finalizeNamespace(name));
    }),
    store.subscribe(DEFINITIONS, ({ type, object }) => {
      const { name, deletionTimestamp } = object.metadata;
      if (type === "MODIFIED" && deletionTimestamp) clock.after(RETRY_MS / 4, () => finalizeDefinition(name));
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
};

const addServiceAccount = (store: VersionedStore, namespace: string): void => {
  if (store.get("serviceaccounts", "default", namespace)) return;
  store.create("serviceaccounts", {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: "default", namespace },
  });
};
