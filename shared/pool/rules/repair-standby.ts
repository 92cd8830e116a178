import type { Action } from "../actions.ts";
import type { Rule } from "../rule.ts";

/**
 * A standby instance that someone else started is stopped again; no pod can have come to its cordoned node. The note makes the
 * stop depend on the record that was read, so that a start decided meanwhile is not undone.
 */
export const repairStandby: Rule = ({ instances }) =>
  instances.standby
    .filter(({ ec2 }) => ec2?.state === "running")
    .flatMap((instance): Action[] => [
      { kind: "note", instance, set: {} },
      { kind: "stop", instance, force: false },
    ]);
