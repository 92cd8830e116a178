import { ANNOTATION } from "../../names.ts";
import { type Action, begin, tell } from "../actions.ts";
import { rfc3339 } from "../node-shape.ts";
import { leavingPods } from "../pods.ts";
import type { Rule } from "../rule.ts";
import type { Instance } from "../view.ts";

const candidate = (instance: Instance, since: number | null): Action[] => [
  { kind: "note", instance, set: { emptySince: since } },
  ...(instance.node
    ? [
        {
          kind: "shapeNode",
          instance,
          node: instance.node,
          shape: { annotations: { [ANNOTATION.scaleDownCandidateSince]: since === null ? null : rfc3339(since) } },
        } as const,
      ]
    : []),
];

/** Returns nodes that have been empty for `emptyNodeTTL` since they were Ready to standby; a pod that bound meanwhile cancels it. */
export const stopWhenEmpty: Rule = ({ spec, instances, now }) => {
  if (!spec.scaleDown.enabled) return [];
  return instances.running.flatMap((instance): Action[] => {
    const { record } = instance;
    const ready = record.startedAt === undefined || record.readyAt !== undefined;
    const bootUntil = (record.startedAt ?? 0) + spec.scaleDown.emptyNodeTtlMs;
    if (!ready && now < bootUntil) return [{ kind: "wakeAt", at: bootUntil }];
    if (leavingPods(instance.pods).length > 0) {
      return record.emptySince === undefined ? [] : candidate(instance, null);
    }
    const due = (record.emptySince ?? now) + spec.scaleDown.emptyNodeTtlMs;
    if (now < due) {
      const wake: Action = { kind: "wakeAt", at: due };
      return record.emptySince === undefined ? [...candidate(instance, now), wake] : [wake];
    }
    return [
      begin(instance, "stopping", "Empty"),
      { kind: "measure", metric: "scaleDowns", value: 1 },
      tell(
        "Normal",
        "ScaleDown",
        `${record.nodeName ?? record.instanceId} was empty for ${spec.scaleDown.emptyNodeTtlMs / 1000} s; stopping it`,
      ),
    ];
  });
};
