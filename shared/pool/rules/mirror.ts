import { LABEL, TAG } from "../../model/names.ts";
import type { Action } from "../actions.ts";
import { desiredNode } from "../desired-node.ts";
import type { Rule } from "../rule.ts";
import { allInstances } from "../view.ts";

/**
 * Gives each node the shape, and each instance the tag, of its record's state. The state label is written in the same patch as
 * the rest of the shape, so a node that carries it has had the whole, and what was changed on it since (a cordon by hand) stays.
 */
export const mirror: Rule = (view) =>
  allInstances(view).flatMap((instance): Action[] => {
    const { record, node, ec2 } = instance;
    const actions: Action[] = [];
    if (node && record.nodeName === undefined) {
      actions.push({ kind: "updateRecord", instance, set: { nodeName: node.metadata.name } });
    }
    if (node && node.metadata.labels?.[LABEL.state] !== record.state) {
      const shape = desiredNode(view.name, view.spec, record, record.state, record.stateSince);
      actions.push({ kind: "applyNode", instance, node, shape });
    }
    if (ec2 && ec2.state !== "terminated" && ec2.tags[TAG.state] !== record.state) {
      actions.push({ kind: "tagState", instance, state: record.state });
    }
    return actions;
  });
