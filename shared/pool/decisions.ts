/** Folds what rules decide into one record change per instance, so that each rule sees what earlier ones decided. */

import type { InstanceRecord, RecordChange } from "../model/instance-record.ts";
import type { PoolState } from "../model/instance-state.ts";
import { ACTION_ORDER, type Action } from "./actions.ts";
import { allInstances, type Instance, type PoolView } from "./view.ts";

/** Actions after which no later rule may decide on the same instance. */
const CLAIMING: ReadonlySet<Action["kind"]> = new Set([
  "beginTransition",
  "start",
  "stop",
  "terminate",
  "evict",
  "deletePods",
  "deleteNode",
  "completeTransition",
  "releaseSlot",
]);

type Transition = Extract<Action, { kind: "beginTransition" | "completeTransition" }>;

const isTransition = (action: Action): action is Transition =>
  action.kind === "beginTransition" || action.kind === "completeTransition";

/** What has been decided about one instance so far. */
interface Decision {
  /** With the record as it will be. */
  instance: Instance;
  claimed: boolean;
  /** Its node object is deleted. */
  nodeless: boolean;
  /** Its slot is released, so no other write of the record is needed. */
  released: boolean;
  /** Undefined: the record is not written. Empty: it is written unchanged, so that a lost race drops the instance. */
  change: RecordChange | undefined;
  transition: Transition | undefined;
}

export interface Decisions {
  /** Instances that are not claimed, with the record changes decided so far. */
  open(): PoolView;
  add(actions: readonly Action[]): void;
  /** Each instance whose slot and node object stay, with the record as it will be, and the transition decided for it. */
  instances(): readonly { readonly instance: Instance; readonly transition: Transition | undefined }[];
  /** Everything decided, in the order in which it is carried out; at most one record write per instance. */
  actions(): readonly Action[];
}

const withChange = (record: InstanceRecord, change: RecordChange): InstanceRecord => ({
  ...record,
  ...Object.fromEntries(Object.entries(change).map(([field, value]) => [field, value ?? undefined])),
});

const inExecutionOrder = (actions: readonly Action[]): readonly Action[] => {
  const byKind = Map.groupBy(actions, ({ kind }) => kind);
  return ACTION_ORDER.flatMap((kind) => byKind.get(kind) ?? []);
};

/** The record write of an instance: its transition with everything else that changes, or the change alone. */
const recordWrite = ({ instance, change, transition, released }: Decision): Action[] => {
  if (released) return [];
  if (transition) return [change ? { ...transition, set: { ...change, ...transition.set } } : transition];
  return change ? [{ kind: "updateRecord", instance, set: change }] : [];
};

export const createDecisions = (view: PoolView): Decisions => {
  const decisions = new Map(
    allInstances(view).map((instance): [number, Decision] => [
      instance.record.slot,
      { instance, claimed: false, nodeless: false, released: false, change: undefined, transition: undefined },
    ]),
  );
  const others: Action[] = [];
  /** In the order in which their records were first changed. */
  const written = new Set<Decision>();
  let open: PoolView | undefined;

  /** A transition claims its instance, so every unclaimed one is still in the state in which it was observed. */
  const unclaimed = (): PoolView["instances"] => {
    const inState = <S extends PoolState>(state: S): readonly Instance<S>[] =>
      view.instances[state].flatMap(({ record }) => {
        const decision = decisions.get(record.slot);
        return decision && !decision.claimed ? [decision.instance as Instance<S>] : [];
      });
    return {
      warmup: inState("warmup"),
      standby: inState("standby"),
      running: inState("running"),
      stopping: inState("stopping"),
      terminating: inState("terminating"),
    };
  };

  const change = (decision: Decision, set: RecordChange): void => {
    written.add(decision);
    open = undefined;
    decision.change = { ...decision.change, ...set };
    decision.instance = { ...decision.instance, record: withChange(decision.instance.record, set) };
  };

  const move = (decision: Decision, transition: Transition): void => {
    written.add(decision);
    decision.transition = transition;
    const { to, reason, set = {} } = transition;
    const record = { ...withChange(decision.instance.record, set), state: to, stateSince: view.now, reason };
    decision.instance = { ...decision.instance, record };
  };

  const addOne = (action: Action): void => {
    const decision = "instance" in action ? decisions.get(action.instance.record.slot) : undefined;
    if (decision && CLAIMING.has(action.kind)) {
      decision.claimed = true;
      open = undefined;
    }
    if (decision && action.kind === "deleteNode") decision.nodeless = true;
    if (decision && action.kind === "releaseSlot") decision.released = true;
    if (decision && action.kind === "updateRecord") change(decision, action.set);
    else if (decision && isTransition(action)) move(decision, action);
    else others.push(action);
  };

  return {
    open: () => {
      open ??= { ...view, instances: unclaimed() };
      return open;
    },
    add: (actions) => {
      for (const action of actions) addOne(action);
    },
    instances: () => [...decisions.values()].filter(({ nodeless, released }) => !nodeless && !released),
    actions: () => inExecutionOrder([...[...written].flatMap(recordWrite), ...others]),
  };
};
