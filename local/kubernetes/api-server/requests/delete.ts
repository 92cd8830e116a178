import { isObject, valueAt } from "../json-value.ts";
import type { ResourceType } from "../resources.ts";
import { conflict } from "../status-errors.ts";
import type { KubeObject } from "../store.ts";
import { readBody } from "./body.ts";
import type { Answer, ResourceRequest } from "./context.ts";
import { getTarget } from "./read.ts";
import { renderingOf } from "./render.ts";
import { selectionOf } from "./select.ts";

/** The delete options from the body (`DeleteOptions`) or the query. */
export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: string;
  readonly isDryRun: boolean;
  readonly uid?: string;
  readonly resourceVersion?: string;
}

export const answerDelete = (request: ResourceRequest): Answer => {
  const before = getTarget(request);
  const left = deleteObject(request, before, deleteOptionsOf(request));
  const { type } = request;
  // For pods and namespaces the response is the object; for other kinds only if the object still exists.
  if (left || type.name === "pods" || type.name === "namespaces") {
    return { status: 200, body: renderingOf(request).one(left ?? before) };
  }
  return { status: 200, body: success(type, before) };
};

export const answerDeleteCollection = (request: ResourceRequest): Answer => {
  const { cluster, type, target } = request;
  const objects = cluster.store.list(type.name, target.namespace).filter(selectionOf(request));
  const options = deleteOptionsOf(request);
  for (const object of objects) deleteObject(request, object, options);
  const metadata = { resourceVersion: String(cluster.store.version()) };
  return { status: 200, body: renderingOf(request).list(objects, metadata) };
};

export const deleteOptionsOf = (request: ResourceRequest, nested?: unknown): DeleteOptions => {
  const { query } = request;
  const body = nested ?? readBody(request);
  const options = isObject(body) ? body : {};
  const grace = options.gracePeriodSeconds ?? query.get("gracePeriodSeconds");
  const text = (value: unknown) => (typeof value === "string" ? value : undefined);
  const isOrphaning = options.orphanDependents === true || query.get("orphanDependents") === "true";
  return {
    gracePeriodSeconds: grace === null || grace === undefined ? undefined : Number(grace),
    propagationPolicy:
      text(options.propagationPolicy) ?? query.get("propagationPolicy") ?? (isOrphaning ? "Orphan" : undefined),
    isDryRun: query.get("dryRun") === "All" || (Array.isArray(options.dryRun) && options.dryRun.includes("All")),
    uid: text(valueAt(options, ["preconditions", "uid"])),
    resourceVersion: text(valueAt(options, ["preconditions", "resourceVersion"])),
  };
};

/** Deletes the object. Returns it if it still exists afterwards, else undefined. Throws 409 on a failed precondition. */
export const deleteObject = (
  { cluster, type }: Pick<ResourceRequest, "cluster" | "type">,
  object: KubeObject,
  options: DeleteOptions,
): KubeObject | undefined => {
  checkPreconditions(type, object, options);
  if (options.isDryRun) return undefined;
  const { name, namespace } = object.metadata;
  const finalizer = { Foreground: "foregroundDeletion", Orphan: "orphan" }[options.propagationPolicy ?? ""];
  if (finalizer) {
    cluster.store.change(type.name, name, namespace, ({ metadata }) => {
      metadata.finalizers = [...new Set([...(metadata.finalizers ?? []), finalizer])];
    });
  }
  cluster.store.remove(type.name, name, namespace, options);
  return cluster.store.get(type.name, name, namespace);
};

const checkPreconditions = (type: ResourceType, { metadata }: KubeObject, options: DeleteOptions): void => {
  const { uid, resourceVersion } = options;
  if (uid !== undefined && uid !== metadata.uid) {
    throw conflict(
      type.name,
      metadata.name,
      `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
    );
  }
  if (resourceVersion === undefined || resourceVersion === metadata.resourceVersion) return;
  throw conflict(
    type.name,
    metadata.name,
    `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`,
  );
};

const success = ({ group, plural }: ResourceType, { metadata }: KubeObject) => ({
  kind: "Status",
  apiVersion: "v1",
  metadata: {},
  status: "Success",
  details: { name: metadata.name, ...(group ? { group } : {}), kind: plural, uid: metadata.uid },
});
