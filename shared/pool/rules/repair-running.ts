import { type Action, settle, tell } from "../actions.ts";
import { AT_REST } from "../at-rest.ts";
import { shapeFor } from "../node-shape.ts";
import { leavingPods, podName } from "../pods.ts";
import type { Rule } from "../rule.ts";

const LOOK_AGAIN_MS = 5_000;
/** A start that was just decided is still on its way to EC2, or EC2's answer is older than it. */
const START_UNDERWAY_MS = 10_000;

/**
 * A running instance that EC2 shows as stopped: either its start was decided but never reached EC2, then it is repeated,
 * or someone else stopped it, then it is standby again. EC2's launch time, which changes with each start, tells which.
 */
export const repairRunning: Rule = ({ name, spec, instances, now }) =>
  instances.running.flatMap((instance): Action[] => {
    const { record, ec2, node } = instance;
    const again: Action = { kind: "wakeAt", at: now + LOOK_AGAIN_MS };
    if (ec2?.state === "stopping") return [again];
    if (ec2?.state !== "stopped") return [];
    if (record.launchTime === ec2.launchTime) {
      if (now - (record.startedAt ?? record.stateSince) < START_UNDERWAY_MS) return [again];
      return [{ kind: "note", instance, set: {} }, { kind: "start", instance }, again];
    }
    const stranded = leavingPods(instance.pods);
    const ends = stranded.length > 0 ? `, and ${stranded.map(podName).join(", ")} ended with it` : "";
    return [
      ...(node
        ? [{ kind: "shapeNode", instance, node, shape: shapeFor(name, spec, record, "standby", now) } as const]
        : []),
      // Nothing of them runs any more, and no kubelet will say so: their controllers wait for that.
      ...(stranded.length > 0 ? [{ kind: "deletePods", instance, pods: stranded, force: true } as const] : []),
      settle(instance, "standby", "StoppedFromOutside", { ...AT_REST, launchTime: ec2.launchTime }),
      tell(
        "Warning",
        "ScaleDown",
        `${record.instanceId} was stopped from outside${ends}; it is standby again`,
        instance,
      ),
    ];
  });
