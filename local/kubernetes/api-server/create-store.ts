import type { Clock } from "../../clock.ts";
import { createCollections, key, keyOf } from "./collections.ts";
import { applyDefaults } from "./defaults/apply-defaults.ts";
import { createHistory, type History, type StoredEvent } from "./history.ts";
import { copy, freeze, isEqual, type JsonObject, valueAt } from "./json-value.ts";
import { createListeners } from "./listeners.ts";
import { alreadyExists } from "./status-errors.ts";
import type { KubeObject, ResourceName, Store, StoreEvent } from "./store.ts";

/** Events kept for resuming watches: at least this many, at most twice as many. */
const HISTORY_EVENTS = 20_000;
const NAME_ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

/** A `Store` with what the API server needs in addition. Returned objects are frozen because they are the stored ones. */
export interface VersionedStore extends Store {
  /** The resource version of the newest write, which lists report. */
  version(): number;
  readonly history: History;
  /** Like `subscribe`, for all resources. */
  subscribeAll(listener: (event: StoredEvent) => void): () => void;
  subscribe(resource: ResourceName, listener: (event: StoredEvent) => void): () => void;
  /** All resources that have or had objects. */
  resources(): ResourceName[];
}

export interface StoreOptions {
  readonly clock: Pick<Clock, "now">;
  /** Source of uids and of generated names; seeded in simulations. */
  readonly random?: () => number;
}

/** Creates an empty store. All resources share one version counter, like etcd revisions. */
export const createStore = ({ clock, random = Math.random }: StoreOptions): VersionedStore => {
  const { collection, resources, get, list } = createCollections();
  const listeners = createListeners();
  const history = createHistory(HISTORY_EVENTS);
  let version = 1;

  const emit = (type: StoreEvent["type"], resource: ResourceName, object: KubeObject, previous?: KubeObject) => {
    const event: StoredEvent = { type, resource, object, previous, version };
    history.add(event);
    listeners.emit(event);
  };

  const put = (resource: ResourceName, object: KubeObject, previous?: KubeObject): KubeObject => {
    version += 1;
    object.metadata.resourceVersion = String(version);
    const stored = freeze(object);
    collection(resource).set(keyOf(stored), stored);
    emit(previous ? "MODIFIED" : "ADDED", resource, stored, previous);
    return stored;
  };

  const erase = (resource: ResourceName, last: KubeObject, previous: KubeObject): void => {
    version += 1;
    const gone = freeze({ ...last, metadata: { ...last.metadata, resourceVersion: String(version) } });
    collection(resource).delete(keyOf(previous));
    emit("DELETED", resource, gone, previous);
  };

  const create = <T extends KubeObject>(resource: ResourceName, object: T): T => {
    const created = copy<KubeObject>(object);
    created.metadata.name ||= generatedName(created, random);
    if (collection(resource).has(keyOf(created))) throw alreadyExists(resource, created.metadata.name);
    initialize(resource, created, uid(random), timestamp(clock.now()));
    return put(resource, created) as T;
  };

  /** Writes the object if it changed. Removes an object that is being deleted and has lost its last finalizer. */
  const write = (resource: ResourceName, before: KubeObject, after: KubeObject): KubeObject => {
    restoreIdentity(before, after);
    omitEmpty(after.metadata);
    applyDefaults(resource, after);
    if (isEqual(before, after)) return before;
    if (isFinished(after)) {
      erase(resource, after, before);
      return after;
    }
    if (hasGeneration(resource) && specChanged(before, after)) {
      after.metadata.generation = (before.metadata.generation ?? 0) + 1;
    }
    return put(resource, after, before);
  };

  const change: Store["change"] = (resource, name, namespace, modify, options) => {
    const before = collection(resource).get(key(name, namespace));
    if (!before) return undefined;
    const after = copy(before);
    if (modify(after as never) === false) return before as never;
    const written = options?.status ? { ...copy(before), metadata: after.metadata, status: after.status } : after;
    return write(resource, before, written) as never;
  };

  const remove: Store["remove"] = (resource, name, namespace, options) => {
    const before = collection(resource).get(key(name, namespace));
    if (!before) return;
    const grace = gracePeriod(resource, before, options?.gracePeriodSeconds);
    if (grace === 0 && !hasFinalizers(before)) {
      erase(resource, before, before);
      return;
    }
    const { deletionGracePeriodSeconds: current, deletionTimestamp } = before.metadata;
    // A repeated delete can only shorten the grace period.
    if (deletionTimestamp && (current ?? 0) <= grace) return;
    const after = copy(before);
    markDeleted(resource, after, grace, timestamp(clock.now() + grace * 1000));
    put(resource, after, before);
  };

  return {
    create,
    change,
    remove,
    history,
    version: () => version,
    resources,
    get: (resource, name, namespace) => get(resource, name, namespace) as never,
    list: (resource, namespace) => list(resource, namespace) as never,
    subscribe: listeners.on,
    subscribeAll: listeners.onAll,
  };
};

/** A name generated from `metadata.generateName`, or the empty string without one (apiserver, storage/names). */
export const generatedName = ({ metadata }: KubeObject, random: () => number): string =>
  typeof metadata.generateName === "string"
    ? `${metadata.generateName.slice(0, 58)}${pick(random, NAME_ALPHABET, 5)}`
    : "";

const OMITTED_WHEN_EMPTY = ["labels", "annotations", "finalizers", "ownerReferences", "managedFields"];

/** Removes empty maps and lists from an object's metadata, in place, like Go's omitempty. */
export const omitEmpty = (metadata: JsonObject): void => {
  for (const field of OMITTED_WHEN_EMPTY) {
    const value = metadata[field];
    if (value === null || (typeof value === "object" && Object.keys(value).length === 0)) delete metadata[field];
  }
};

/** Formats RFC 3339 with seconds, the format of `metav1.Time`. */
export const timestamp = (milliseconds: number): string =>
  `${new Date(Math.floor(milliseconds)).toISOString().slice(0, 19)}Z`;

/**
 * The grace period of a deleted object, in seconds. Only pods have one, and only if they are bound to a node and have not finished
 * (pkg/registry/core/pod/strategy.go, CheckGracefulDelete).
 */
const gracePeriod = (resource: ResourceName, object: KubeObject, requestedSeconds: number | undefined): number => {
  if (resource !== "pods") return 0;
  const { spec, status } = object as { spec?: PodSpec; status?: { phase?: string } };
  if (!spec?.nodeName || status?.phase === "Succeeded" || status?.phase === "Failed") return 0;
  return Math.max(0, requestedSeconds ?? spec.terminationGracePeriodSeconds ?? 30);
};

interface PodSpec {
  nodeName?: string;
  terminationGracePeriodSeconds?: number;
}

/** Sets the server-managed metadata of a new object, in place. */
const initialize = (resource: ResourceName, object: KubeObject, newUid: string, creationTimestamp: string): void => {
  const { metadata } = object;
  Object.assign(metadata, { uid: newUid, creationTimestamp });
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  if (hasGeneration(resource)) metadata.generation = 1;
  omitEmpty(metadata);
  applyDefaults(resource, object);
};

/** The first delete increments the generation (apiserver, rest.BeforeDelete). */
const markDeleted = (resource: ResourceName, object: KubeObject, grace: number, deletionTimestamp: string): void => {
  const { metadata } = object;
  if (!metadata.deletionTimestamp && metadata.generation) metadata.generation += 1;
  Object.assign(metadata, { deletionTimestamp, deletionGracePeriodSeconds: grace });
  if (resource === "namespaces") object.status = { phase: "Terminating" };
};

/** Restores the metadata that no write may change (apimachinery, rest.BeforeUpdate). */
const restoreIdentity = (before: KubeObject, after: KubeObject): void => {
  const { name, namespace, uid, creationTimestamp, deletionTimestamp, generation, resourceVersion } = before.metadata;
  const { deletionGracePeriodSeconds } = before.metadata;
  Object.assign(after.metadata, { name, uid, creationTimestamp, resourceVersion });
  Object.assign(after.metadata, { namespace, deletionTimestamp, deletionGracePeriodSeconds, generation });
};

const isFinished = (object: KubeObject): boolean =>
  object.metadata.deletionTimestamp !== undefined &&
  !object.metadata.deletionGracePeriodSeconds &&
  !hasFinalizers(object);

/** Whether finalizers block the object's removal. A namespace can also have them in its spec. */
const hasFinalizers = ({ kind, metadata, spec }: KubeObject): boolean => {
  const inSpec = kind === "Namespace" ? valueAt(spec, ["finalizers"]) : undefined;
  return Boolean(metadata.finalizers?.length) || (Array.isArray(inSpec) && inSpec.length > 0);
};

const specChanged = (before: KubeObject, after: KubeObject): boolean => {
  const { metadata: _before, status: _oldStatus, ...old } = before;
  const { metadata: _after, status: _newStatus, ...now } = after;
  return !isEqual(old, now);
};

/** Whether the resource maintains metadata.generation; each registry strategy decides that. */
const hasGeneration = (resource: ResourceName): boolean =>
  resource.includes(".")
    ? !/\.(coordination|rbac\.authorization|events|storage)\.k8s\.io$/.test(resource)
    : resource === "pods" || resource === "replicationcontrollers";

const pick = (random: () => number, alphabet: string, length: number): string =>
  Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]).join("");

const uid = (random: () => number): string => {
  const hex = pick(random, "0123456789abcdef", 30);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(12, 15)}-a${hex.slice(15, 18)}-${hex.slice(18, 30)}`;
};
