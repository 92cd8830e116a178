import { readinessTaints } from "../../model/api/pool-spec.ts";
import { startOf } from "../../model/instance-record.ts";
import { isReadySince } from "../../model/kubernetes/condition-freshness.ts";
import { conditionOf } from "../../model/kubernetes/objects.ts";
import { sameTaint } from "../../model/kubernetes/taints.ts";
import { type Action, emitEvent } from "../actions.ts";
import { isNetworkReady } from "../network-ready.ts";
import type { Rule } from "../rule.ts";

/** A CNI that never reports must not keep a node empty for ever. */
const NETWORK_TIMEOUT_MS = 2 * 60_000;

/** Takes the taints off that kept pods away until the network of a started node was ready. */
export const releaseNetworkTaint: Rule = ({ spec, instances, now }) =>
  instances.running.flatMap((instance): Action[] => {
    const { record, node } = instance;
    const startedAt = startOf(record);
    if (!node || !isReadySince(node, startedAt)) return [];
    const held = (node.spec?.taints ?? []).filter((taint) =>
      readinessTaints(spec).some((other) => sameTaint(taint, other)),
    );
    if (held.length === 0) return [];
    const readySince = Date.parse(conditionOf(node, "Ready")?.lastTransitionTime ?? "") || startedAt;
    const deadline = Math.max(startedAt, readySince) + NETWORK_TIMEOUT_MS;
    const ready = isNetworkReady(instance, spec, startedAt);
    if (!ready && now < deadline) return [{ kind: "requeueAt", at: deadline }];
    const trigger = ready ? "network" : "timeout";
    return [
      { kind: "applyNode", instance, node, shape: { removeTaints: held } },
      { kind: "recordMetric", metric: "startupTaintRemovals", value: 1, labels: { trigger, result: "success" } },
      { kind: "recordMetric", metric: "startupTaintDuration", value: now - Math.max(startedAt, readySince) },
      ...(ready
        ? []
        : [
            emitEvent(
              "Warning",
              "NetworkNotReady",
              `${node.metadata.name} reported no ready network within ${NETWORK_TIMEOUT_MS / 1000} s; its startup taints were removed anyway`,
            ),
          ]),
    ];
  });
