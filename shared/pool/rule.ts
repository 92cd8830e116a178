import type { Action } from "./actions.ts";
import type { PoolView } from "./view.ts";

/**
 * One decision about a pool's instances. `view` holds the instances that no earlier rule has claimed, with the record changes of
 * earlier rules applied; `whole` is the pool as it was observed, for rules that count. An action that changes what an instance is
 * or runs on claims the instance (`CLAIMING` in decisions.ts).
 */
export type Rule = (view: PoolView, whole: PoolView) => readonly Action[];

/** A rule that begins something new: it does nothing while the pool is paused. A pool that is being deleted is never held back. */
export const pausable =
  (rule: Rule): Rule =>
  (view, whole) =>
    whole.spec.paused && !whole.deleting ? [] : rule(view, whole);

/** A rule that decides on the whole pool as it was observed, whatever earlier rules have claimed. */
export const onWholePool =
  (rule: (whole: PoolView) => readonly Action[]): Rule =>
  (_, whole) =>
    rule(whole);
