/** Standby instances that were started by somebody else: they are recorded as running and return by the usual way. */

import { isStartedExternally } from "../../model/instance-record.ts";
import { type Action, beginTransition, emitEvent } from "../actions.ts";
import type { Rule } from "../rule.ts";

/**
 * Records a standby instance that runs as running. The transition depends on the record that was read: if demand has just decided on
 * the same start, demand wins.
 */
export const recordExternalStart: Rule = ({ instances }) =>
  instances.standby
    .filter(({ ec2 }) => ec2?.state === "running")
    .flatMap((instance): Action[] => [
      beginTransition(instance, "running", "StartedFromOutside"),
      emitEvent(
        "Warning",
        "ScaleDown",
        `${instance.record.instanceId} was started from outside; stopping it again`,
        instance,
      ),
    ]);

/** Returns such an instance to standby: no pods need it, and its node is still cordoned. */
export const stopStartedExternally: Rule = ({ instances }) =>
  instances.running
    .filter(({ record }) => isStartedExternally(record))
    .map((instance): Action => beginTransition(instance, "stopping", "StartedFromOutside"));
