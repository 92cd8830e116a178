import { dependsOnOtherPods, type PodFacts } from "./pod-facts.ts";

/** The scheduling queue: active pods, which the next run schedules, and unschedulable pods, which wait for a cluster change. */
export interface Queue {
  /** Makes a new or changed pod active. The scheduler's own status update does not count as a change. */
  add(facts: PodFacts): void;
  remove(key: string): void;
  /** Moves an active pod to the unschedulable ones after a failed attempt. */
  addUnschedulable(facts: PodFacts): void;
  unschedulablePods(): Iterable<PodFacts>;
  /** The unschedulable pods for which the placement of other pods matters. */
  unschedulableDependents(): Iterable<PodFacts>;
  activate(key: string): void;
  hasActive(): boolean;
  /** All active pods, by priority, then in order of arrival. */
  activePods(): readonly PodFacts[];
}

interface Entry {
  facts: PodFacts;
  readonly order: number;
}

export const createQueue = (): Queue => {
  const active = new Map<string, Entry>();
  const unschedulable = new Map<string, Entry>();
  const dependents = new Map<string, PodFacts>();
  let order = 0;

  const priorityOf = ({ facts }: Entry): number => facts.pod.spec.priority ?? 0;

  const moveToActive = (key: string, entry: Entry): void => {
    unschedulable.delete(key);
    dependents.delete(key);
    active.set(key, entry);
  };

  return {
    add: (facts) => {
      const known = active.get(facts.key) ?? unschedulable.get(facts.key);
      order += 1;
      const entry = { facts, order: known?.order ?? order };
      if (unschedulable.has(facts.key) && known?.facts.equivalenceKey === facts.equivalenceKey)
        unschedulable.set(facts.key, entry);
      else moveToActive(facts.key, entry);
    },
    remove: (key) => {
      for (const pods of [active, unschedulable, dependents]) pods.delete(key);
    },
    addUnschedulable: (facts) => {
      const entry = active.get(facts.key);
      if (!entry) return;
      active.delete(facts.key);
      unschedulable.set(facts.key, entry);
      if (dependsOnOtherPods(facts)) dependents.set(facts.key, facts);
    },
    unschedulablePods: () => [...unschedulable.values()].map(({ facts }) => facts),
    unschedulableDependents: () => [...dependents.values()],
    activate: (key) => {
      const entry = unschedulable.get(key);
      if (entry) moveToActive(key, entry);
    },
    hasActive: () => active.size > 0,
    activePods: () =>
      [...active.values()]
        .toSorted((one, other) => priorityOf(other) - priorityOf(one) || one.order - other.order)
        .map(({ facts }) => facts),
  };
};
