import { copy, isObject } from "../json-value.ts";
import { apply } from "../patch/apply.ts";
import { jsonPatch } from "../patch/json-patch.ts";
import { trackUpdate } from "../patch/managed-fields.ts";
import { mergePatch } from "../patch/merge.ts";
import { strategicPatch } from "../patch/strategic.ts";
import { badRequest, invalid, modified, notFound, unsupportedMediaType } from "../status-errors.ts";
import type { KubeObject } from "../store.ts";
import { admit } from "./admit.ts";
import { asObject, mediaTypeOf, readBody, readObject } from "./body.ts";
import type { Answer, ResourceRequest } from "./context.ts";
import { createObject } from "./create.ts";
import { managerOf, mergeSchemaFor } from "./manager.ts";
import { getTarget } from "./read.ts";
import { renderingOf } from "./render.ts";

const MERGE = "application/merge-patch+json";
const STRATEGIC = "application/strategic-merge-patch+json";
const JSON_PATCH = "application/json-patch+json";
const APPLY = "application/apply-patch+yaml";

/** PUT: replaces the object. Without a resourceVersion the update is unconditional, which custom resources do not allow. */
export const answerUpdate = (request: ResourceRequest): Answer => {
  const before = getTarget(request);
  const after = copy(readObject(request));
  if (!after.metadata.resourceVersion && request.type.custom) {
    const message = "Invalid value: 0: must be specified for an update";
    const cause = { field: "metadata.resourceVersion", reason: "FieldValueInvalid", message };
    throw invalid(request.type.plural, request.type.group, before.metadata.name, [cause]);
  }
  return store(request, before, after);
};

/** PATCH in any of its four forms. Only apply creates an object that does not exist. */
export const answerPatch = (request: ResourceRequest): Answer => {
  const mediaType = mediaTypeOf(request.headers);
  const accepted = [JSON_PATCH, MERGE, ...(request.type.custom ? [] : [STRATEGIC]), APPLY];
  if (!accepted.includes(mediaType)) throw unsupportedMediaType(accepted);
  if (mediaType === APPLY) return answerApply(request);
  const before = getTarget(request);
  const patch = readBody(request);
  const patched =
    mediaType === JSON_PATCH
      ? jsonPatch(before, patch)
      : mediaType === MERGE
        ? mergePatch(before, patch)
        : strategicPatch(before, patch);
  return store(request, before, asObject(copy(patched), request));
};

const answerApply = (request: ResourceRequest): Answer => {
  const { cluster, query, target, type } = request;
  const applied = asObject(readBody(request), request);
  if (!query.get("fieldManager")) {
    const message = "Required value: is required for apply patch";
    throw invalid("PatchOptions", "meta.k8s.io", "", [
      { field: "fieldManager", reason: "FieldValueRequired", message },
    ]);
  }
  if (applied.metadata.managedFields) throw badRequest("metadata.managedFields must be nil");
  const before = cluster.store.get(type.name, target.name ?? "", target.namespace);
  const merge = (current: KubeObject | undefined) =>
    apply(current, applied, managerOf(request), mergeSchemaFor(type), query.get("force") === "true");
  if (before) return store(request, before, merge(before), true);
  if (target.subresource) throw notFound(type.name, target.name ?? "");
  const { object, warnings } = createObject(request, copy(applied), (created) => {
    created.metadata.managedFields = merge(undefined).metadata.managedFields;
  });
  return { status: 201, body: renderingOf(request).one(object), warnings };
};

/** Validates and stores a changed object. `isTracked`: its field managers are already recorded. */
const store = (request: ResourceRequest, before: KubeObject, after: KubeObject, isTracked = false): Answer => {
  const { cluster, query, type } = request;
  const { name, namespace, resourceVersion } = before.metadata;
  const desired = after.metadata.resourceVersion;
  if (desired && desired !== resourceVersion) throw modified(type.name, name);
  if (after.metadata.uid && after.metadata.uid !== before.metadata.uid) throw modified(type.name, name);
  const next = restrict(request, before, after);
  const warnings = admit(request, next, before);
  if (!isTracked && !cluster.isUntracked) {
    if (before.metadata.managedFields) next.metadata.managedFields = before.metadata.managedFields;
    trackUpdate(before, next, managerOf(request), mergeSchemaFor(type));
  }
  if (query.get("dryRun") === "All") return { status: 200, body: renderingOf(request).one(next), warnings };
  const stored = cluster.store.change(type.name, name, namespace, (object) => {
    for (const field of Object.keys(object)) delete object[field];
    Object.assign(object, next);
  });
  return { status: 200, body: renderingOf(request).one(stored ?? next), warnings };
};

/** The main endpoint does not write the status. The status endpoint writes only the status and, for built-in kinds, the metadata. */
const restrict = ({ type, target }: ResourceRequest, before: KubeObject, after: KubeObject): KubeObject => {
  const metadata = { ...copy(before.metadata), ...after.metadata };
  for (const field of Object.keys(metadata))
    if (!(field in after.metadata) && !isSystemField(field)) delete metadata[field];
  if (target.subresource === "status") {
    const kept = type.custom ? { ...copy(before.metadata), managedFields: after.metadata.managedFields } : metadata;
    return { ...copy(before), metadata: kept, status: after.status };
  }
  const status = type.status ? before.status : after.status;
  const next = { ...after, metadata, status: isObject(status) ? copy(status) : status };
  if (next.status === undefined) delete next.status;
  return next;
};

/** Fields that the server sets. An update that omits them does not remove them. */
const isSystemField = (field: string): boolean =>
  [
    "uid",
    "creationTimestamp",
    "generation",
    "resourceVersion",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "namespace",
    "name",
  ].includes(field);
