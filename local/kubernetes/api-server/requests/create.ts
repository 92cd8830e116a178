import { generatedName, timestamp } from "../create-store.ts";
import { establish } from "../custom/establish.ts";
import { copy, valueAt } from "../json-value.ts";
import { noteUpdate } from "../patch/managed-fields.ts";
import { alreadyExists, forbidden, notFound } from "../refusals.ts";
import type { KubeObject } from "../store.ts";
import { admit } from "./admit.ts";
import { readObject } from "./body.ts";
import type { Answer, ResourceRequest } from "./context.ts";
import { managerOf, shapesFor } from "./manager.ts";
import { renderingOf } from "./render.ts";

export const answerCreate = (request: ResourceRequest): Answer => {
  const { object, warnings } = createObject(request, copy(readObject(request)), (created) => {
    // Whoever creates an object owns nothing of its status (each registry strategy's GetResetFields).
    const { status, ...owned } = created;
    noteUpdate(undefined, request.type.status ? owned : created, managerOf(request), shapesFor(request.type));
  });
  return { status: 201, body: renderingOf(request).one(object), warnings };
};

/** Checks and stores a new object; `note` writes down who manages its fields. Nothing is stored with dryRun. */
export const createObject = (
  request: ResourceRequest,
  object: KubeObject,
  note: (object: KubeObject) => void,
): { object: KubeObject; warnings: string[] } => {
  const { cluster, type, query } = request;
  refuseWithoutNamespace(request, object);
  object.metadata.name ||= generatedName(object, cluster.random);
  prepare(request, object);
  const warnings = admit(request, object);
  delete object.metadata.managedFields;
  note(object);
  const { name, namespace } = object.metadata;
  if (name && cluster.store.get(type.name, name, namespace)) throw alreadyExists(type.name, name);
  if (query.get("dryRun") === "All") return { object, warnings };
  return { object: cluster.store.create(type.name, object), warnings };
};

/** What the registry does to a new object: its status is not the client's to say (but kubelet's, of its node). */
const prepare = ({ cluster, type }: ResourceRequest, object: KubeObject): void => {
  if (type.status && type.name !== "nodes") delete object.status;
  delete object.metadata.resourceVersion;
  delete object.metadata.uid;
  delete object.metadata.creationTimestamp;
  if (type.name === "nodes") taintUnready(object);
  if (type.name === "pods") object.status = { phase: "Pending" };
  if (type.name === "customresourcedefinitions.apiextensions.k8s.io" && valueAt(object, ["spec", "names", "kind"])) {
    establish(object, timestamp(cluster.clock.now()));
  }
};

/** The admission plugin TaintNodesByCondition: a node starts with this taint until the node controller has seen it Ready. */
const taintUnready = (node: KubeObject): void => {
  const taint = { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" };
  const spec = (node.spec ?? {}) as { taints?: { key: string; effect: string }[] };
  if (spec.taints?.some(({ key, effect }) => key === taint.key && effect === taint.effect)) return;
  node.spec = { ...spec, taints: [...(spec.taints ?? []), taint] };
};

/** The admission plugin NamespaceLifecycle. */
const refuseWithoutNamespace = ({ cluster, type }: ResourceRequest, { metadata }: KubeObject): void => {
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
