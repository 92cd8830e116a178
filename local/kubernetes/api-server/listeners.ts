import type { StoredEvent } from "./history.ts";
import type { ResourceName } from "./store.ts";

type Listener = (event: StoredEvent) => void;

export interface Listeners {
  on(resource: ResourceName, listener: Listener): () => void;
  onAll(listener: Listener): () => void;
  /** Tells everybody, at once; an event of a listener that writes follows after this one, so that all see one order. */
  tell(event: StoredEvent): void;
}

export const createListeners = (): Listeners => {
  const ofResource = new Map<ResourceName, Set<Listener>>();
  const ofAll = new Set<Listener>();
  const untold: StoredEvent[] = [];
  return {
    on: (resource, listener) => {
      const listeners = ofResource.get(resource) ?? new Set();
      ofResource.set(resource, listeners.add(listener));
      return () => listeners.delete(listener);
    },
    onAll: (listener) => {
      ofAll.add(listener);
      return () => ofAll.delete(listener);
    },
    tell: (event) => {
      untold.push(event);
      if (untold.length > 1) return;
      const failures: unknown[] = [];
      for (let next = untold[0]; next; next = untold[0]) {
        for (const listener of [...(ofResource.get(next.resource) ?? []), ...ofAll]) {
          try {
            listener(next);
          } catch (error) {
            // The others must hear of it all the same.
            failures.push(error);
          }
        }
        untold.shift();
      }
      if (failures.length > 0) throw failures[0];
    },
  };
};
