import { STARTED_FROM_OUTSIDE } from "../../model/instance-record.ts";
import { type Action, begin, tell } from "../actions.ts";
import type { Rule } from "../view.ts";

/**
 * A standby instance that someone else started runs, so it is recorded as running; `stopUncalled` sends it back by the usual way.
 * The move depends on the record that was read: demand that has just decided on the same start goes before.
 */
export const repairStandby: Rule = ({ instances }) =>
  instances.standby
    .filter(({ ec2 }) => ec2?.state === "running")
    .flatMap((instance): Action[] => [
      begin(instance, "running", STARTED_FROM_OUTSIDE),
      tell(
        "Warning",
        "ScaleDown",
        `${instance.record.instanceId} was started from outside; stopping it again`,
        instance,
      ),
    ]);
