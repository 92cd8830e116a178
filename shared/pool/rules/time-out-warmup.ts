import { type Action, begin, tell } from "../actions.ts";
import type { Rule } from "../rule.ts";

/** Ends a warmup that takes longer than `preWarm.timeout`: stopped into standby if its node registered, else replaced. */
export const timeOutWarmup: Rule = ({ spec, instances, now }) =>
  instances.warmup.flatMap((instance): Action[] => {
    const { record, ec2, node } = instance;
    if (record.instanceId === undefined || ec2?.state === "stopped" || ec2?.state === "stopping") return [];
    const deadline = record.stateSince + spec.preWarm.timeoutMs;
    if (now < deadline) return [{ kind: "wakeAt", at: deadline }];
    const failure: Action = { kind: "measure", metric: "warmupFailures", value: 1, labels: { reason: "Timeout" } };
    const late = `${record.instanceId} did not finish its warmup within ${spec.preWarm.timeoutMs / 1000} s`;
    if (node && spec.preWarm.timeoutAction === "stop") {
      return [
        { kind: "stop", instance, force: true },
        failure,
        tell("Warning", "WarmupFailed", `${late}; stopping it`),
      ];
    }
    return [
      begin(instance, "terminating", "WarmupTimeout"),
      failure,
      tell("Warning", "WarmupFailed", `${late}; replacing it${node ? "" : ", its node never registered"}`),
    ];
  });
