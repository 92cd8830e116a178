import type { KubeObject, ResourceName, StoreEvent } from "./store.ts";

/** A write event with the previous object, so that a watch can tell whether the object entered or left its selection. */
export interface StoredEvent extends StoreEvent {
  readonly version: number;
  readonly previous: KubeObject | undefined;
}

export interface History {
  add(event: StoredEvent): void;
  /** The resource's events after `version`; undefined if some of them were discarded (410 Gone). */
  since(resource: ResourceName, version: number): StoredEvent[] | undefined;
  /** Discards all events so far, like an etcd compaction. */
  drop(): void;
}

/** Keeps the newest `capacity` events, like the watch cache of an API server. */
export const createHistory = (capacity: number): History => {
  let events: StoredEvent[] = [];
  let oldestKnown = 0;
  const discard = (count: number) => {
    oldestKnown = events[count - 1]?.version ?? oldestKnown;
    events = events.slice(count);
  };
  return {
    add: (event) => {
      events.push(event);
      // Halving the list only when it reaches twice the capacity keeps the amortized cost of a write constant.
      if (events.length >= capacity * 2) discard(capacity);
    },
    since: (resource, version) => {
      if (version < oldestKnown) return undefined;
      return events.slice(firstAfter(events, version)).filter((event) => event.resource === resource);
    },
    drop: () => discard(events.length),
  };
};

const firstAfter = (events: readonly StoredEvent[], version: number): number => {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((events[middle]?.version ?? 0) <= version) low = middle + 1;
    else high = middle;
  }
  return low;
};
