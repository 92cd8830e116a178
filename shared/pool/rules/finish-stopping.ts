import { type Action, settle } from "../actions.ts";
import { shapeFor } from "../node-shape.ts";
import type { Rule } from "../rule.ts";

const LOOK_AGAIN_MS = 15_000;

/** A drained instance that EC2 shows as stopped is standby again, once its node has the taints its next start needs. */
export const finishStopping: Rule = ({ name, spec, instances, now }) =>
  instances.stopping.flatMap((instance): Action[] => {
    const { record, ec2, node } = instance;
    if (ec2?.state === "stopping") return [{ kind: "wakeAt", at: now + LOOK_AGAIN_MS }];
    if (ec2?.state !== "stopped") return [];
    return [
      ...(node
        ? [{ kind: "shapeNode", instance, node, shape: shapeFor(name, spec, record, "standby", now) } as const]
        : []),
      settle(instance, "standby", record.reason, {
        launchTime: ec2.launchTime,
        startedAt: null,
        demandSince: null,
        readyAt: null,
        emptySince: null,
      }),
    ];
  });
