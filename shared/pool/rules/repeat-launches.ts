import type { Rule } from "../rule.ts";

/** Repeats launches whose answer was never recorded; the client token makes EC2 return the same instances. */
export const repeatLaunches: Rule = (view) => {
  const unrecorded = view.instances.warmup.filter(({ record }) => record.instanceId === undefined);
  return [...new Set(unrecorded.map(({ record }) => record.token))].map((token) => ({ kind: "repeatLaunch", token }));
};
