import { childOf, type JsonObject } from "../json-value.ts";
import type { KubeObject } from "../store.ts";
import type { CustomResourceDefinition } from "./definition.ts";

/** Keeps a deleted definition until its objects are gone. */
export const CLEANUP_FINALIZER = "customresourcecleanup.apiextensions.k8s.io";

/** Fills in a definition's defaults and, like the API server's own controllers, the status of an accepted definition; in place. */
export const establish = (object: KubeObject, time: string): void => {
  const { spec, metadata } = object as CustomResourceDefinition;
  const { names } = spec;
  names.singular ??= names.kind.toLowerCase();
  names.listKind ??= `${names.kind}List`;
  (spec as unknown as JsonObject).conversion ??= { strategy: "None" };
  metadata.finalizers = [...new Set([...(metadata.finalizers ?? []), CLEANUP_FINALIZER])];
  const status = childOf(object, "status");
  status.acceptedNames = { ...names };
  status.storedVersions ??= spec.versions.filter(({ storage }) => storage).map(({ name }) => name);
  status.conditions ??= [
    condition("NamesAccepted", "NoConflicts", "no conflicts found", time),
    condition("Established", "InitialNamesAccepted", "the initial names have been accepted", time),
  ];
};

const condition = (type: string, reason: string, message: string, lastTransitionTime: string) => ({
  lastTransitionTime,
  message,
  reason,
  status: "True",
  type,
});
