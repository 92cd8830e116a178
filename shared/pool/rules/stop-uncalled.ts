import { isUncalled, STARTED_FROM_OUTSIDE } from "../../model/instance-record.ts";
import { type Action, begin } from "../actions.ts";
import type { Rule } from "../view.ts";

/** Nothing called for an instance that someone else started, and its node is still cordoned: it goes back to standby. */
export const stopUncalled: Rule = ({ instances }) =>
  instances.running
    .filter(({ record }) => isUncalled(record))
    .map((instance): Action => begin(instance, "stopping", STARTED_FROM_OUTSIDE));
