import { STARTED_EXTERNALLY } from "../../model/instance-record.ts";
import { type Action, beginTransition, emitEvent } from "../actions.ts";
import type { Rule } from "../rule.ts";

/**
 * A standby instance that someone else started runs, so it is recorded as running; `stopUncalled` sends it back by the usual way.
 * The move depends on the record that was read: demand that has just decided on the same start goes before.
 */
export const repairStandby: Rule = ({ instances }) =>
  instances.standby
    .filter(({ ec2 }) => ec2?.state === "running")
    .flatMap((instance): Action[] => [
      beginTransition(instance, "running", STARTED_EXTERNALLY),
      emitEvent(
        "Warning",
        "ScaleDown",
        `${instance.record.instanceId} was started from outside; stopping it again`,
        instance,
      ),
    ]);
