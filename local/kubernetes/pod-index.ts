import type { Store } from "./api-server/store.ts";
import { controllerOf, type PodObject, podKey } from "./objects.ts";

/** Pods by the node they are bound to and by the object that controls them, kept current with the store. */
export interface PodIndex {
  onNode(nodeName: string): readonly PodObject[];
  ownedBy(uid: string): readonly PodObject[];
  /** Names of the nodes that pods are bound to, whether the nodes exist or not. */
  nodeNames(): readonly string[];
  stop(): void;
}

type Shelves = Map<string, Map<string, PodObject>>;

const put = (shelves: Shelves, shelf: string | undefined, pod: PodObject): void => {
  if (shelf === undefined) return;
  const pods = shelves.get(shelf);
  if (pods) pods.set(podKey(pod), pod);
  else shelves.set(shelf, new Map([[podKey(pod), pod]]));
};

const drop = (shelves: Shelves, shelf: string | undefined, pod: PodObject): void => {
  if (shelf === undefined) return;
  const pods = shelves.get(shelf);
  pods?.delete(podKey(pod));
  if (pods?.size === 0) shelves.delete(shelf);
};

const ownerOf = (pod: PodObject): string | undefined => controllerOf(pod)?.uid;

/** Made before the parts that read it, so that it has taken in an event when they hear of it. */
export const createPodIndex = (store: Store): PodIndex => {
  const known = new Map<string, PodObject>();
  const byNode: Shelves = new Map();
  const byOwner: Shelves = new Map();

  const forget = (pod: PodObject): void => {
    const before = known.get(podKey(pod));
    if (!before) return;
    known.delete(podKey(pod));
    drop(byNode, before.spec.nodeName, before);
    drop(byOwner, ownerOf(before), before);
  };

  const learn = (pod: PodObject): void => {
    forget(pod);
    known.set(podKey(pod), pod);
    put(byNode, pod.spec.nodeName, pod);
    put(byOwner, ownerOf(pod), pod);
  };

  for (const pod of store.list<PodObject>("pods")) learn(pod);
  const stop = store.subscribe("pods", ({ type, object }) =>
    type === "DELETED" ? forget(object as PodObject) : learn(object as PodObject),
  );
  return {
    onNode: (nodeName) => [...(byNode.get(nodeName)?.values() ?? [])],
    ownedBy: (uid) => [...(byOwner.get(uid)?.values() ?? [])],
    nodeNames: () => [...byNode.keys()],
    stop,
  };
};
