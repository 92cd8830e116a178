import { type Action, begin } from "../actions.ts";
import type { Rule } from "../rule.ts";

/** Nothing called for an instance that someone else started, and its node is still cordoned: it goes back to standby. */
export const stopUncalled: Rule = ({ instances }) =>
  instances.running
    .filter(({ record }) => record.reason === "StartedFromOutside")
    .map((instance): Action => begin(instance, "stopping", "StartedFromOutside"));
