import { ANNOTATION } from "../../names.ts";
import { type Action, begin, settle, tell } from "../actions.ts";
import { rfc3339, shapeFor } from "../node-shape.ts";
import type { Rule } from "../rule.ts";

/** A warmup that ended in `stopped` becomes standby, if its node ever joined the cluster; else the instance is replaced. */
export const finishWarmup: Rule = ({ name, spec, instances, now }) =>
  instances.warmup.flatMap((instance): Action[] => {
    const { record, ec2, node } = instance;
    if (ec2?.state !== "stopped") return [];
    if (!node) {
      return [
        begin(instance, "terminating", "WarmupFailed"),
        { kind: "measure", metric: "warmupFailures", value: 1, labels: { reason: "NodeNeverRegistered" } },
        tell(
          "Warning",
          "WarmupFailed",
          `${record.instanceId} stopped without its node ever registering; its console output tells why ` +
            `(aws ec2 get-console-output --instance-id ${record.instanceId})`,
        ),
      ];
    }
    const shape = shapeFor(name, spec, record, "standby", now);
    return [
      {
        kind: "shapeNode",
        instance,
        node,
        shape: { ...shape, annotations: { ...shape.annotations, [ANNOTATION.warmupCompleted]: rfc3339(now) } },
      },
      settle(instance, "standby", "WarmupCompleted", { launchTime: ec2.launchTime, nodeName: node.metadata.name }),
      {
        kind: "measure",
        metric: "warmupDuration",
        value: now - record.stateSince,
        labels: { mode: spec.preWarm.completionMode },
      },
      tell("Normal", "WarmupCompleted", `${record.instanceId} (${node.metadata.name}) is standby`),
    ];
  });
