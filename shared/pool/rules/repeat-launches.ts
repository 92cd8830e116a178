import type { Action } from "../actions.ts";
import type { Rule } from "../rule.ts";
import type { PoolView } from "../view.ts";

/** After this, EC2 is only asked what the token has made. */
const REPEAT_FOR_MS = 2 * 60_000;
/** Reads may lag behind a launch for some minutes; a launch that does not show this much later than its last call was never carried out. */
const RELEASE_AFTER_MS = REPEAT_FOR_MS + 3 * 60_000;

const repeat = (token: string, since: number, { deleting, now }: PoolView): Action[] => {
  // An instance that shows only later is found by its tags, and terminated.
  if (deleting || now >= since + RELEASE_AFTER_MS) return [{ kind: "repeatLaunch", token, ifMissing: "release" }];
  const ifMissing = now < since + REPEAT_FOR_MS ? "launch" : "wait";
  return [
    { kind: "repeatLaunch", token, ifMissing },
    { kind: "requeueAt", at: since + RELEASE_AFTER_MS },
  ];
};

/** Looks for the instances of launches whose answer was never recorded, and repeats these launches. */
export const repeatLaunches: Rule = (view) => {
  const unanswered = view.instances.warmup.filter(({ record }) => record.instanceId === undefined);
  return [...Map.groupBy(unanswered, ({ record }) => record.token)].flatMap(([token, instances]) =>
    repeat(token, Math.max(...instances.map(({ record }) => record.stateSince)), view),
  );
};
