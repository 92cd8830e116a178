import { type FieldRequirement, meetsFields, parseFieldSelector } from "../selectors/fields.ts";
import { type LabelPredicate, parseLabelSelector } from "../selectors/labels.ts";
import type { KubeObject } from "../store.ts";
import type { ResourceRequest } from "./context.ts";

/** Selects the objects of a list, watch or collection delete: by namespace, name, labelSelector and fieldSelector. */
export const selectionOf = ({ query, target, type }: ResourceRequest): ((object: KubeObject) => boolean) => {
  const labels = query.get("labelSelector");
  const fields = query.get("fieldSelector");
  const matches: LabelPredicate = labels ? parseLabelSelector(labels) : () => true;
  const requirements: FieldRequirement[] = fields ? parseFieldSelector(type.name, fields) : [];
  return (object) =>
    (target.namespace === undefined || object.metadata.namespace === target.namespace) &&
    (target.name === undefined || object.metadata.name === target.name) &&
    matches(object.metadata.labels) &&
    meetsFields(object, requirements);
};
