import { checkDefinition } from "../custom/check-definition.ts";
import { isEqual, isObject, type JsonObject, objectsIn, valueAt } from "../json-value.ts";
import { matchesSelector } from "../selectors/labels.ts";
import type { Cause } from "../status-errors.ts";
import type { KubeObject, ResourceName } from "../store.ts";

type Check = (object: KubeObject) => Cause[];
type UpdateCheck = (before: KubeObject, after: KubeObject) => Cause[];

const required = (field: string): Cause => ({ field, reason: "FieldValueRequired", message: "Required value" });
const invalid = (field: string, value: unknown, message: string): Cause => ({
  field,
  reason: "FieldValueInvalid",
  message: `Invalid value: ${JSON.stringify(value)}: ${message}`,
});
const unsupported = (field: string, value: unknown, allowed: readonly string[]): Cause => {
  const list = allowed.map((name) => JSON.stringify(name)).join(", ");
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${list}`;
  return { field, reason: "FieldValueNotSupported", message };
};
const forbidden = (field: string, message: string): Cause => ({
  field,
  reason: "FieldValueForbidden",
  message: `Forbidden: ${message}`,
});

const checkPodSpec = (spec: unknown, field: string): Cause[] => {
  const containers = objectsIn(valueAt(spec, ["containers"]));
  if (containers.length === 0) return [required(`${field}.containers`)];
  return containers.flatMap((container, index) => [
    ...(container.name ? [] : [required(`${field}.containers[${index}].name`)]),
    ...(container.image ? [] : [required(`${field}.containers[${index}].image`)]),
  ]);
};

const TAINT_EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

const checkNode: Check = (node) => {
  const taints = objectsIn(valueAt(node, ["spec", "taints"]));
  return taints.flatMap(({ key, effect }, index) => {
    // The real API server also writes `metadata` here (ValidateNodeSpecificTaints).
    const field = `metadata.taints[${index}]`;
    const isRepeated = taints.findIndex((other) => other.key === key && other.effect === effect) < index;
    return [
      ...(key ? [] : [invalid(`${field}.key`, key ?? "", "name part must be non-empty")]),
      ...(effect ? [] : [required(`${field}.effect`)]),
      ...(effect && !TAINT_EFFECTS.includes(String(effect))
        ? [unsupported(`${field}.effect`, effect, TAINT_EFFECTS)]
        : []),
      ...(isRepeated
        ? [
            {
              field,
              reason: "FieldValueDuplicate",
              message: `Duplicate value: ${JSON.stringify(taints[index])}: taints must be unique by key and effect pair`,
            },
          ]
        : []),
    ];
  });
};

const checkWorkload: Check = ({ spec }) => {
  const template = valueAt(spec, ["template"]);
  const selector = valueAt(spec, ["selector"]);
  const labels = valueAt(template, ["metadata", "labels"]);
  const causes = checkPodSpec(valueAt(template, ["spec"]), "spec.template.spec");
  const missing = isObject(selector) ? [] : [required("spec.selector")];
  if (isObject(selector) && matchesSelector(selector, labels as Record<string, string> | undefined)) return causes;
  const message = "`selector` does not match template `labels`";
  return [...missing, invalid("spec.template.metadata.labels", labels ?? null, message), ...causes];
};

const CHECKS: Readonly<Record<ResourceName, Check>> = {
  nodes: checkNode,
  pods: ({ spec }) => checkPodSpec(spec, "spec"),
  "deployments.apps": checkWorkload,
  "replicasets.apps": checkWorkload,
  "daemonsets.apps": checkWorkload,
  "statefulsets.apps": checkWorkload,
  "jobs.batch": ({ spec }) => checkPodSpec(valueAt(spec, ["template", "spec"]), "spec.template.spec"),
  "customresourcedefinitions.apiextensions.k8s.io": checkDefinition,
};

/** The spec fields that a pod update may change, besides the container images. */
const MUTABLE_IN_PODS = ["activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds", "schedulingGates"];
const POD_UPDATE =
  "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`," +
  "`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

const fixedPartOf = ({ spec }: KubeObject): JsonObject => {
  const fixed = Object.entries(isObject(spec) ? spec : {}).filter(([field]) => !MUTABLE_IN_PODS.includes(field));
  const withoutImages = (list: unknown) => objectsIn(list).map(({ image: _image, ...rest }) => rest);
  const containers = ["containers", "initContainers"];
  return Object.fromEntries(
    fixed.map(([field, value]) => [field, containers.includes(field) ? withoutImages(value) : value]),
  );
};

const fixed =
  (...path: string[]): UpdateCheck =>
  (before, after) => {
    const value = valueAt(after, path);
    return isEqual(valueAt(before, path), value) ? [] : [invalid(path.join("."), value, "field is immutable")];
  };

const UPDATE_CHECKS: Readonly<Record<ResourceName, UpdateCheck>> = {
  nodes: (before, after) => {
    const providerId = valueAt(before, ["spec", "providerID"]);
    if (!providerId || valueAt(after, ["spec", "providerID"]) === providerId) return [];
    return [forbidden("spec.providerID", 'node updates may not change providerID except from "" to valid')];
  },
  pods: (before, after) => (isEqual(fixedPartOf(before), fixedPartOf(after)) ? [] : [forbidden("spec", POD_UPDATE)]),
  "deployments.apps": fixed("spec", "selector"),
  "replicasets.apps": fixed("spec", "selector"),
  "daemonsets.apps": fixed("spec", "selector"),
  "jobs.batch": fixed("spec", "template"),
  "rolebindings.rbac.authorization.k8s.io": fixed("roleRef"),
  "clusterrolebindings.rbac.authorization.k8s.io": fixed("roleRef"),
};

/** The validations of built-in kinds that users are likely to hit. A real API server has many more. */
export const checkBuiltIn = (resource: ResourceName, after: KubeObject, before?: KubeObject): Cause[] => [
  ...(CHECKS[resource]?.(after) ?? []),
  ...(before ? (UPDATE_CHECKS[resource]?.(before, after) ?? []) : []),
];
