import type { KubeObject, ResourceName, StoreEvent } from "./store.ts";

/** A write with what a watch needs to tell whether the object entered or left its selection. */
export interface StoredEvent extends StoreEvent {
  readonly version: number;
  readonly previous: KubeObject | undefined;
}

export interface History {
  add(event: StoredEvent): void;
  /** The resource's events after `version`, or undefined when some of them are no longer known (410 Gone). */
  since(resource: ResourceName, version: number): StoredEvent[] | undefined;
  /** Forgets everything up to now, as compaction does. */
  drop(): void;
}

/** Remembers the newest `capacity` events, as the watch cache of an API server does. */
export const createHistory = (capacity: number): History => {
  let events: StoredEvent[] = [];
  let oldestKnown = 0;
  const forget = (count: number) => {
    oldestKnown = events[count - 1]?.version ?? oldestKnown;
    events = events.slice(count);
  };
  return {
    add: (event) => {
      events.push(event);
      // Cutting in half once it is twice as long keeps the cost of a write constant.
      if (events.length >= capacity * 2) forget(capacity);
    },
    since: (resource, version) => {
      if (version < oldestKnown) return undefined;
      return events.slice(firstAfter(events, version)).filter((event) => event.resource === resource);
    },
    drop: () => forget(events.length),
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
