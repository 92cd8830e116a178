import type { Clock } from "../../../clock.ts";
import type { VersionedStore } from "../create-store.ts";
import type { StoredEvent } from "../history.ts";
import type { KubeObject, ResourceName } from "../store.ts";

/** Roughly the time that the real garbage collector needs to notice a deletion. */
const DELAY_MS = 50;
const FOREGROUND = "foregroundDeletion";
const ORPHAN = "orphan";

interface Reference {
  readonly resource: ResourceName;
  readonly name: string;
  readonly namespace: string | undefined;
}

/**
 * Deletes the dependents of deleted owners, like kube-controller-manager's garbage collector: in the background, before the
 * owner is removed (foregroundDeletion), or not at all (orphan). Returns the stop function.
 */
export const collectGarbage = (store: VersionedStore, clock: Clock): (() => void) => {
  const living = new Set<string>();
  const dependents = new Map<string, Map<string, Reference>>();

  const track = ({ type, resource, object, previous }: StoredEvent): void => {
    const uid = object.metadata.uid ?? "";
    if (type === "DELETED") living.delete(uid);
    else living.add(uid);
    const reference = referenceTo(resource, object);
    for (const owner of ownersOf(previous)) dependents.get(owner)?.delete(uid);
    if (type === "DELETED") return;
    for (const owner of ownersOf(object)) {
      const known = dependents.get(owner) ?? new Map<string, Reference>();
      dependents.set(owner, known.set(uid, reference));
    }
  };

  const dependentsOf = (uid: string): KubeObject[] =>
    [...(dependents.get(uid)?.values() ?? [])].flatMap(({ resource, name, namespace }) => {
      const object = store.get(resource, name, namespace);
      return object ? [object] : [];
    });

  /** Deletes the dependent unless another of its owners still exists. */
  const removeIfAbandoned = (uid: string, reference: Reference): void => {
    const object = store.get(reference.resource, reference.name, reference.namespace);
    const owners = ownersOf(object).filter((owner) => owner !== uid);
    if (object && !owners.some((owner) => living.has(owner))) {
      store.remove(reference.resource, reference.name, reference.namespace);
    }
  };

  const removeDependents = (uid: string): void => {
    for (const reference of [...(dependents.get(uid)?.values() ?? [])]) removeIfAbandoned(uid, reference);
  };

  const orphanDependents = (uid: string): void => {
    for (const { resource, name, namespace } of [...(dependents.get(uid)?.values() ?? [])]) {
      store.change(resource, name, namespace, ({ metadata }) => {
        metadata.ownerReferences = metadata.ownerReferences?.filter((owner) => owner.uid !== uid);
      });
    }
  };

  const removeFinalizer = ({ resource, name, namespace }: Reference, finalizer: string): void => {
    store.change(resource, name, namespace, ({ metadata }) => {
      metadata.finalizers = metadata.finalizers?.filter((each) => each !== finalizer);
    });
  };

  const finishWaitingOwner = (uid: string, reference: Reference): void => {
    const owner = store.get(reference.resource, reference.name, reference.namespace);
    if (!owner?.metadata.deletionTimestamp || owner.metadata.uid !== uid) return;
    if (owner.metadata.finalizers?.includes(ORPHAN)) {
      orphanDependents(uid);
      removeFinalizer(reference, ORPHAN);
    } else if (owner.metadata.finalizers?.includes(FOREGROUND)) {
      removeDependents(uid);
      if (dependentsOf(uid).length === 0) removeFinalizer(reference, FOREGROUND);
      else clock.after(DELAY_MS * 4, () => finishWaitingOwner(uid, reference));
    }
  };

  return store.subscribeAll((event) => {
    track(event);
    const { type, resource, object } = event;
    const uid = object.metadata.uid ?? "";
    const reference = referenceTo(resource, object);
    if (type === "DELETED" && dependents.get(uid)?.size) clock.after(DELAY_MS, () => removeDependents(uid));
    const isAbandoned = type === "ADDED" && ownersOf(object).length > 0;
    if (isAbandoned) clock.after(DELAY_MS, () => removeIfAbandoned("", reference));
    const isWaiting = object.metadata.deletionTimestamp && !event.previous?.metadata.deletionTimestamp;
    if (type === "MODIFIED" && isWaiting) clock.after(DELAY_MS, () => finishWaitingOwner(uid, reference));
  });
};

const ownersOf = (object: KubeObject | undefined): string[] =>
  object?.metadata.ownerReferences?.map(({ uid }) => uid) ?? [];

const referenceTo = (resource: ResourceName, { metadata }: KubeObject): Reference => ({
  resource,
  name: metadata.name,
  namespace: metadata.namespace,
});
