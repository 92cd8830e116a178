import { isStartedExternally, STARTED_EXTERNALLY } from "../../model/instance-record.ts";
import { type Action, beginTransition } from "../actions.ts";
import type { Rule } from "../rule.ts";

/** Nothing called for an instance that someone else started, and its node is still cordoned: it goes back to standby. */
export const stopStartedExternally: Rule = ({ instances }) =>
  instances.running
    .filter(({ record }) => isStartedExternally(record))
    .map((instance): Action => beginTransition(instance, "stopping", STARTED_EXTERNALLY));
