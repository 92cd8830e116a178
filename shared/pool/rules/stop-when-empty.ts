import { type PoolSpec, readinessTaints } from "../../model/api/pool-spec.ts";
import { leavingPods } from "../../model/kubernetes/pods.ts";
import { sameTaint } from "../../model/kubernetes/taints.ts";
import { ANNOTATION } from "../../model/names.ts";
import { rfc3339 } from "../../model/time.ts";
import { type Action, beginTransition, emitEvent } from "../actions.ts";
import type { Rule } from "../rule.ts";
import type { Instance } from "../view.ts";

const candidate = (instance: Instance, since: number | null): Action[] => [
  { kind: "updateRecord", instance, set: { emptySince: since } },
  ...(instance.node
    ? [
        {
          kind: "applyNode",
          instance,
          node: instance.node,
          shape: { annotations: { [ANNOTATION.scaleDownCandidateSince]: since === null ? null : rfc3339(since) } },
        } as const,
      ]
    : []),
];

/** A node that is not Ready yet, or waits for its network, is empty because nothing may come to it; both waits have an end. */
const isOpen = ({ record, node }: Instance, spec: PoolSpec): boolean => {
  const isStarting = record.startedAt !== undefined && record.readyAt === undefined;
  return !isStarting && !node?.spec?.taints?.some((taint) => readinessTaints(spec).some((it) => sameTaint(taint, it)));
};

/** Returns nodes that have been empty for `emptyNodeTTL` since they were open to pods to standby; a pod that bound meanwhile cancels it. */
export const stopWhenEmpty: Rule = ({ spec, instances, now }) => {
  if (!spec.scaleDown.enabled) return [];
  return instances.running.flatMap((instance): Action[] => {
    const { record } = instance;
    if (!isOpen(instance, spec)) return [];
    if (leavingPods(instance.pods).length > 0) {
      return record.emptySince === undefined ? [] : candidate(instance, null);
    }
    const due = (record.emptySince ?? now) + spec.scaleDown.emptyNodeTtlMs;
    if (now < due) {
      const wake: Action = { kind: "requeueAt", at: due };
      return record.emptySince === undefined ? [...candidate(instance, now), wake] : [wake];
    }
    return [
      beginTransition(instance, "stopping", "Empty"),
      { kind: "recordMetric", metric: "scaleDowns", value: 1 },
      emitEvent(
        "Normal",
        "ScaleDown",
        `${record.nodeName ?? record.instanceId} was empty for ${spec.scaleDown.emptyNodeTtlMs / 1000} s; stopping it`,
      ),
    ];
  });
};
