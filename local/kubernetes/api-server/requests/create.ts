import { generatedName, timestamp } from "../create-store.ts";
import { establish } from "../custom/establish.ts";
import { copy, valueAt } from "../json-value.ts";
import { trackUpdate } from "../patch/managed-fields.ts";
import { alreadyExists, forbidden, notFound } from "../status-errors.ts";
import type { KubeObject } from "../store.ts";
import { admit } from "./admit.ts";
import { readObject } from "./body.ts";
import type { Answer, ResourceRequest } from "./context.ts";
import { managerOf, mergeSchemaFor } from "./manager.ts";
import { renderingOf } from "./render.ts";

export const answerCreate = (request: ResourceRequest): Answer => {
  const { object, warnings } = createObject(request, copy(readObject(request)), (created) => {
    if (request.cluster.isUntracked) return;
    // The creator does not own status fields (each registry strategy's GetResetFields).
    const { status, ...owned } = created;
    trackUpdate(undefined, request.type.status ? owned : created, managerOf(request), mergeSchemaFor(request.type));
  });
  return { status: 201, body: renderingOf(request).one(object), warnings };
};

/** Validates and stores a new object. `trackFields` records its field manager. With dryRun, nothing is stored. */
export const createObject = (
  request: ResourceRequest,
  object: KubeObject,
  trackFields: (object: KubeObject) => void,
): { object: KubeObject; warnings: string[] } => {
  const { cluster, type, query } = request;
  checkNamespace(request, object);
  object.metadata.name ||= generatedName(object, cluster.random);
  prepare(request, object);
  const warnings = admit(request, object);
  delete object.metadata.managedFields;
  trackFields(object);
  const { name, namespace } = object.metadata;
  if (name && cluster.store.get(type.name, name, namespace)) throw alreadyExists(type.name, name);
  if (query.get("dryRun") === "All") return { object, warnings };
  return { object: cluster.store.create(type.name, object), warnings };
};

/**
 * Like the registry strategies, resets the fields that a client cannot set on create. Only a node keeps its status, which the
 * kubelet sends.
 */
const prepare = ({ cluster, type }: ResourceRequest, object: KubeObject): void => {
  if (type.status && type.name !== "nodes") delete object.status;
  delete object.metadata.resourceVersion;
  delete object.metadata.uid;
  delete object.metadata.creationTimestamp;
  if (type.name === "nodes") addNotReadyTaint(object);
  if (type.name === "pods") object.status = { phase: "Pending" };
  if (type.name === "customresourcedefinitions.apiextensions.k8s.io" && valueAt(object, ["spec", "names", "kind"])) {
    establish(object, timestamp(cluster.clock.now()));
  }
};

/** The admission plugin TaintNodesByCondition: a new node has this taint until the node controller finds it Ready. */
const addNotReadyTaint = (node: KubeObject): void => {
  const taint = { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" };
  const spec = (node.spec ?? {}) as { taints?: { key: string; effect: string }[] };
  if (spec.taints?.some(({ key, effect }) => key === taint.key && effect === taint.effect)) return;
  node.spec = { ...spec, taints: [...(spec.taints ?? []), taint] };
};

/** The admission plugin NamespaceLifecycle. */
const checkNamespace = ({ cluster, type }: ResourceRequest, { metadata }: KubeObject): void => {
  if (!type.namespaced || !metadata.namespace) return;
  const namespace = cluster.store.get("namespaces", metadata.namespace);
  if (!namespace) throw notFound("namespaces", metadata.namespace);
  if (!namespace.metadata.deletionTimestamp) return;
  throw forbidden(
    type.name,
    metadata.name,
    `unable to create new content in namespace ${metadata.namespace} because it is being terminated`,
  );
};
