import type { Store } from "../api-server/store.ts";
import { controllerOf, type PodObject, podKey } from "./objects.ts";

/** Indexes pods by node and by controlling owner. Stays current with the store. */
export interface PodIndex {
  onNode(nodeName: string): readonly PodObject[];
  ownedBy(uid: string): readonly PodObject[];
  /** Names of all nodes that pods are bound to, including nodes that no longer exist. */
  nodeNames(): readonly string[];
  stop(): void;
}

type Index = Map<string, Map<string, PodObject>>;

const addTo = (index: Index, indexKey: string | undefined, pod: PodObject): void => {
  if (indexKey === undefined) return;
  const pods = index.get(indexKey);
  if (pods) pods.set(podKey(pod), pod);
  else index.set(indexKey, new Map([[podKey(pod), pod]]));
};

const removeFrom = (index: Index, indexKey: string | undefined, pod: PodObject): void => {
  if (indexKey === undefined) return;
  const pods = index.get(indexKey);
  pods?.delete(podKey(pod));
  if (pods?.size === 0) index.delete(indexKey);
};

const ownerOf = (pod: PodObject): string | undefined => controllerOf(pod)?.uid;

/** Create the index before its readers: it must process each event before they do. */
export const createPodIndex = (store: Store): PodIndex => {
  const current = new Map<string, PodObject>();
  const byNode: Index = new Map();
  const byOwner: Index = new Map();

  const remove = (pod: PodObject): void => {
    const before = current.get(podKey(pod));
    if (!before) return;
    current.delete(podKey(pod));
    removeFrom(byNode, before.spec.nodeName, before);
    removeFrom(byOwner, ownerOf(before), before);
  };

  const upsert = (pod: PodObject): void => {
    remove(pod);
    current.set(podKey(pod), pod);
    addTo(byNode, pod.spec.nodeName, pod);
    addTo(byOwner, ownerOf(pod), pod);
  };

  for (const pod of store.list<PodObject>("pods")) upsert(pod);
  const stop = store.subscribe("pods", ({ type, object }) =>
    type === "DELETED" ? remove(object as PodObject) : upsert(object as PodObject),
  );
  return {
    onNode: (nodeName) => [...(byNode.get(nodeName)?.values() ?? [])],
    ownedBy: (uid) => [...(byOwner.get(uid)?.values() ?? [])],
    nodeNames: () => [...byNode.keys()],
    stop,
  };
};
