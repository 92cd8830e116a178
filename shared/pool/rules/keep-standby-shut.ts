import { LABEL } from "../../model/names.ts";
import type { Action } from "../actions.ts";
import { type DesiredNode, desiredNode, nodePatch } from "../desired-node.ts";
import type { Rule } from "../rule.ts";

/**
 * Standby nodes that somebody uncordoned, or that miss a taint or label, get it back before they are started: kubelet does not
 * register anything again with a node object that exists. The note makes it depend on the record that was read, so that a
 * node which demand opens meanwhile stays open. A node that never had the shape of standby is `mirror`'s.
 */
export const keepStandbyShut: Rule = ({ name, spec, instances }) =>
  instances.standby.flatMap((instance): Action[] => {
    const { record, node } = instance;
    if (node?.metadata.labels?.[LABEL.state] !== "standby") return [];
    const { unschedulable = true, ownTaints = [] } = desiredNode(name, spec, record, "standby", record.stateSince);
    const shape: DesiredNode = { unschedulable, ownTaints, labels: spec.template.labels };
    if (!nodePatch(node, shape)) return [];
    return [
      { kind: "updateRecord", instance, set: {} },
      { kind: "applyNode", instance, node, shape },
    ];
  });
