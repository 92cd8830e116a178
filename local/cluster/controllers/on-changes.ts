import type { Clock } from "../../clock.ts";
import type { ResourceName, Store } from "../../kube/store.ts";

/** Runs `pass` shortly after any of the resources changed, once for all changes until then. Returns how to stop. */
export const onChanges = (
  clock: Clock,
  store: Store,
  resources: readonly ResourceName[],
  reactionMs: number,
  pass: () => void,
): (() => void) => {
  let scheduled = false;
  let stopped = false;
  const run = () => {
    scheduled = false;
    if (!stopped) pass();
  };
  const wake = () => {
    if (scheduled || stopped) return;
    scheduled = true;
    clock.after(reactionMs, run);
  };
  const stops = resources.map((resource) => store.subscribe(resource, wake));
  wake();
  return () => {
    stopped = true;
    for (const stop of stops) stop();
  };
};
