import { TAG } from "../../names.ts";
import type { Action } from "../actions.ts";
import type { Rule } from "../rule.ts";
import { isPoolState, type PoolState } from "../state-machine.ts";
import { allInstances, livingStrays } from "../view.ts";

/** What an instance without a record must be, from what EC2 says of it: its tag, corrected by its present state. */
const adoptedState = (tag: string | undefined, ec2State: string): PoolState => {
  if (tag === "terminating") return "terminating";
  if (ec2State === "stopped") return tag === "warmup" ? "warmup" : "standby";
  if (ec2State === "stopping") return tag === "warmup" ? "warmup" : "stopping";
  return isPoolState(tag) && tag !== "standby" ? tag : "running";
};

/** Gives managed instances without a record a slot again (the table was lost), and ends those for which none is free. */
export const adoptStrays: Rule = (view) => {
  const free = Math.max(0, view.spec.poolSize - allInstances(view).length);
  return livingStrays(view).flatMap((stray, index): Action[] => {
    if (index < free) return [{ kind: "adopt", stray, state: adoptedState(stray.tags[TAG.state], stray.state) }];
    return view.spec.paused && !view.deleting ? [] : [{ kind: "terminateStray", stray }];
  });
};
