import { valueAt } from "../json-value.ts";
import { badRequest } from "../status-errors.ts";
import type { KubeObject, ResourceName } from "../store.ts";

export interface FieldRequirement {
  readonly field: string;
  readonly value: string;
  readonly negated: boolean;
}

/** Selectable fields besides metadata.name and metadata.namespace (each kind's conversion functions upstream). */
const SELECTABLE: Readonly<Record<ResourceName, readonly string[]>> = {
  pods: [
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.schedulerName",
    "spec.serviceAccountName",
    "spec.hostNetwork",
    "status.phase",
    "status.podIP",
    "status.nominatedNodeName",
  ],
  nodes: ["spec.unschedulable"],
  events: [
    "involvedObject.kind",
    "involvedObject.namespace",
    "involvedObject.name",
    "involvedObject.uid",
    "involvedObject.apiVersion",
    "involvedObject.resourceVersion",
    "involvedObject.fieldPath",
    "reason",
    "reportingComponent",
    "source",
    "type",
  ],
  namespaces: ["status.phase"],
  secrets: ["type"],
  "replicasets.apps": ["status.replicas"],
  "jobs.batch": ["status.successful"],
};

/** Parses the query parameter `fieldSelector`: `spec.nodeName=a,status.phase!=Failed`. Throws 400 for a field that is not selectable. */
export const parseFieldSelector = (resource: ResourceName, selector: string): FieldRequirement[] =>
  selector
    .split(",")
    .filter((term) => term.trim() !== "")
    .map((term) => {
      const [, field = "", operator, value = ""] = /^\s*([^=!]+?)\s*(==|=|!=)\s*(.*?)\s*$/.exec(term) ?? [];
      if (!operator) throw badRequest(`invalid selector: '${selector}'; can't understand '${term}'`);
      const known =
        field === "metadata.name" || field === "metadata.namespace" || SELECTABLE[resource]?.includes(field);
      if (!known) throw badRequest(`field label not supported: ${field}`);
      return { field, value, negated: operator === "!=" };
    });

export const meetsFields = (object: KubeObject, requirements: readonly FieldRequirement[]): boolean =>
  requirements.every(({ field, value, negated }) => (textAt(object, field) === value) !== negated);

/** A missing field has its zero value: false for `spec.unschedulable` and `spec.hostNetwork`, else the empty string. */
const textAt = (object: KubeObject, field: string): string => {
  if (field === "source") return String(valueAt(object, ["source", "component"]) ?? object.reportingComponent ?? "");
  const value = valueAt(object, field.split("."));
  if (value === undefined) return field === "spec.unschedulable" || field === "spec.hostNetwork" ? "false" : "";
  return String(value);
};
