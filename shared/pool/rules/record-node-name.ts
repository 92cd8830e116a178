import type { Action } from "../actions.ts";
import type { Rule } from "../rule.ts";
import { allInstances } from "../view.ts";

/** Records the name of a node when it is first seen: demand and later looks find the node by it. */
export const recordNodeName: Rule = (view) =>
  allInstances(view).flatMap(({ record, node, ...rest }): Action[] =>
    node && record.nodeName === undefined
      ? [{ kind: "updateRecord", instance: { record, node, ...rest }, set: { nodeName: node.metadata.name } }]
      : [],
  );
