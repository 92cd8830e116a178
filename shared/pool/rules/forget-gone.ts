import { type Action, emitEvent } from "../actions.ts";
import type { Rule } from "../rule.ts";
import { allInstances, type Instance } from "../view.ts";

/** EC2 may answer NotFound for minutes after a launch; only a long absence means that an instance is gone. */
const ABSENT_FOR_MS = 5 * 60_000;
const LOOK_AGAIN_MS = 30_000;

const lost = (instance: Instance): Action =>
  emitEvent(
    "Warning",
    "InstanceLost",
    `${instance.record.instanceId} is gone from EC2; it was terminated from outside`,
    instance,
  );

const gone = (instance: Instance): Action[] => [
  ...(instance.record.state === "terminating" ? [] : [lost(instance)]),
  ...(instance.node ? [{ kind: "deleteNode", instance, node: instance.node } as const] : []),
  { kind: "releaseSlot", instance },
];

/** Removes the record and the node of terminated instances, whoever terminated them. */
export const forgetGone: Rule = (view) =>
  allInstances(view).flatMap((instance): Action[] => {
    const { record, ec2 } = instance;
    if (record.instanceId === undefined) return [];
    if (ec2?.state === "terminated") return gone(instance);
    if (ec2)
      return record.missingSince === undefined ? [] : [{ kind: "updateRecord", instance, set: { missingSince: null } }];
    if (record.missingSince === undefined) {
      return [
        { kind: "updateRecord", instance, set: { missingSince: view.now } },
        { kind: "requeueAt", at: view.now + LOOK_AGAIN_MS },
      ];
    }
    if (view.now - record.missingSince >= ABSENT_FOR_MS) return gone(instance);
    return [{ kind: "requeueAt", at: view.now + LOOK_AGAIN_MS }];
  });
