import type { StoredEvent } from "./history.ts";
import type { ResourceName } from "./store.ts";

type Listener = (event: StoredEvent) => void;

export interface Listeners {
  on(resource: ResourceName, listener: Listener): () => void;
  onAll(listener: Listener): () => void;
  /**
   * Calls all listeners synchronously. An event that a listener causes is delivered after this one, so that all listeners see
   * the same order.
   */
  emit(event: StoredEvent): void;
}

export const createListeners = (): Listeners => {
  const ofResource = new Map<ResourceName, Set<Listener>>();
  const ofAll = new Set<Listener>();
  const pending: StoredEvent[] = [];
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
    emit: (event) => {
      pending.push(event);
      if (pending.length > 1) return;
      const failures: unknown[] = [];
      for (let next = pending[0]; next; next = pending[0]) {
        for (const listener of [...(ofResource.get(next.resource) ?? []), ...ofAll]) {
          try {
            listener(next);
          } catch (error) {
            // The other listeners must still get the event.
            failures.push(error);
          }
        }
        pending.shift();
      }
      if (failures.length > 0) throw failures[0];
    },
  };
};
