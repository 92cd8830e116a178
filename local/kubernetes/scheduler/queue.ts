import { looksAtOthers, type PodFacts } from "./pod-facts.ts";

/** Pods without a node: those to be looked at, and those for which a look found nothing. */
export interface Queue {
  /** For its first look, or another one if it has changed; the scheduler's own remark on it is no change. */
  add(facts: PodFacts): void;
  forget(key: string): void;
  /** It was looked at in vain. */
  park(facts: PodFacts): void;
  parked(): Iterable<PodFacts>;
  /** Those for which it may matter where other pods are. */
  parkedLookers(): Iterable<PodFacts>;
  retry(key: string): void;
  hasWork(): boolean;
  /** All that are to be looked at, by priority, then in the order in which they came. */
  take(): readonly PodFacts[];
}

interface Entry {
  facts: PodFacts;
  readonly order: number;
}

export const createQueue = (): Queue => {
  const active = new Map<string, Entry>();
  const waiting = new Map<string, Entry>();
  const lookers = new Map<string, PodFacts>();
  let order = 0;

  const priorityOf = ({ facts }: Entry): number => facts.pod.spec.priority ?? 0;

  const wakeUp = (key: string, entry: Entry): void => {
    waiting.delete(key);
    lookers.delete(key);
    active.set(key, entry);
  };

  return {
    add: (facts) => {
      const known = active.get(facts.key) ?? waiting.get(facts.key);
      order += 1;
      const entry = { facts, order: known?.order ?? order };
      if (waiting.has(facts.key) && known?.facts.shape === facts.shape) waiting.set(facts.key, entry);
      else wakeUp(facts.key, entry);
    },
    forget: (key) => {
      for (const pods of [active, waiting, lookers]) pods.delete(key);
    },
    park: (facts) => {
      const entry = active.get(facts.key);
      if (!entry) return;
      active.delete(facts.key);
      waiting.set(facts.key, entry);
      if (looksAtOthers(facts)) lookers.set(facts.key, facts);
    },
    parked: () => [...waiting.values()].map(({ facts }) => facts),
    parkedLookers: () => [...lookers.values()],
    retry: (key) => {
      const entry = waiting.get(key);
      if (entry) wakeUp(key, entry);
    },
    hasWork: () => active.size > 0,
    take: () =>
      [...active.values()]
        .toSorted((one, other) => priorityOf(other) - priorityOf(one) || one.order - other.order)
        .map(({ facts }) => facts),
  };
};
