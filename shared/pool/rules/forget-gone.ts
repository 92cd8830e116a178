import { type Action, tell } from "../actions.ts";
import { allInstances, type Instance, type Rule } from "../view.ts";

/** EC2 may answer NotFound for some minutes after a launch; only a long absence means that an instance is gone. */
const ABSENT_FOR_MS = 5 * 60_000;
const LOOK_AGAIN_MS = 30_000;

const lost = (instance: Instance): Action =>
  tell(
    "Warning",
    "InstanceLost",
    `${instance.record.instanceId} is gone from EC2; it was terminated from outside`,
    instance,
  );

const gone = (instance: Instance): Action[] => [
  ...(instance.record.state === "terminating" ? [] : [lost(instance)]),
  ...(instance.node ? [{ kind: "deleteNode", instance, node: instance.node } as const] : []),
  { kind: "free", instance },
];

/** Removes record and node of instances that were terminated, by us or by anyone. */
export const forgetGone: Rule = (view) =>
  allInstances(view).flatMap((instance): Action[] => {
    const { record, ec2 } = instance;
    if (record.instanceId === undefined) return [];
    if (ec2?.state === "terminated") return gone(instance);
    if (ec2) return record.missingSince === undefined ? [] : [{ kind: "note", instance, set: { missingSince: null } }];
    if (record.missingSince === undefined) {
      return [
        { kind: "note", instance, set: { missingSince: view.now } },
        { kind: "wakeAt", at: view.now + LOOK_AGAIN_MS },
      ];
    }
    if (view.now - record.missingSince >= ABSENT_FOR_MS) return gone(instance);
    return [{ kind: "wakeAt", at: view.now + LOOK_AGAIN_MS }];
  });
