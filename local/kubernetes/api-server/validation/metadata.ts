import { isObject } from "../json-value.ts";
import type { ResourceType } from "../resources.ts";
import type { Cause } from "../status-errors.ts";
import type { KubeObject } from "../store.ts";

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const QUALIFIED_NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const SUBDOMAIN_MESSAGE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character " +
  "(e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL_MESSAGE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character " +
  "(e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const KEY_MESSAGE =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character " +
  "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

const invalid = (field: string, value: unknown, message: string): Cause => ({
  field,
  reason: "FieldValueInvalid",
  message: `Invalid value: ${JSON.stringify(value)}: ${message}`,
});

/** Validates an object's name, labels, annotations and finalizers (apimachinery, api/validation ValidateObjectMeta). */
export const checkMetadata = (object: KubeObject, type: ResourceType): Cause[] => [
  ...checkName(object, type),
  ...checkLabels(object.metadata.labels, "metadata.labels"),
  ...checkAnnotations(object.metadata.annotations),
  ...(object.metadata.finalizers ?? [])
    .filter((finalizer) => !isQualifiedName(finalizer))
    .map((finalizer) => invalid("metadata.finalizers", finalizer, KEY_MESSAGE)),
];

const checkName = ({ metadata }: KubeObject, type: ResourceType): Cause[] => {
  const { name, generateName } = metadata;
  if (!name && !generateName) {
    return [
      {
        field: "metadata.name",
        reason: "FieldValueRequired",
        message: "Required value: name or generateName is required",
      },
    ];
  }
  // RBAC names may contain anything that is valid in a path.
  if (!name || type.group === "rbac.authorization.k8s.io") return [];
  if (name.length > 253) return [invalid("metadata.name", name, "must be no more than 253 characters")];
  return SUBDOMAIN.test(name) ? [] : [invalid("metadata.name", name, SUBDOMAIN_MESSAGE)];
};

/** Validates labels in any field. */
export const checkLabels = (labels: unknown, field: string): Cause[] => {
  if (!isObject(labels)) return [];
  return Object.entries(labels).flatMap(([key, value]): Cause[] => {
    if (typeof value !== "string") return [invalid(field, value, "must be a string")];
    if (!isQualifiedName(key)) return [invalid(field, key, KEY_MESSAGE)];
    if (value.length > 63) return [invalid(field, value, "must be no more than 63 characters")];
    return LABEL_VALUE.test(value) ? [] : [invalid(field, value, LABEL_MESSAGE)];
  });
};

const checkAnnotations = (annotations: unknown): Cause[] => {
  if (!isObject(annotations)) return [];
  return Object.entries(annotations).flatMap(([key, value]): Cause[] => {
    if (typeof value !== "string") return [invalid("metadata.annotations", value, "must be a string")];
    return isQualifiedName(key.toLowerCase()) ? [] : [invalid("metadata.annotations", key, KEY_MESSAGE)];
  });
};

const isQualifiedName = (key: string): boolean => {
  const [name = "", prefix, ...more] = key.split("/").reverse();
  if (more.length > 0 || name.length > 63 || !QUALIFIED_NAME.test(name)) return false;
  return prefix === undefined || (prefix.length <= 253 && SUBDOMAIN.test(prefix));
};

/** An object that is being deleted cannot get new finalizers (ValidateObjectMetaAccessorUpdate). */
export const checkMetadataUpdate = (before: KubeObject, after: KubeObject): Cause[] => {
  if (!before.metadata.deletionTimestamp) return [];
  const added = (after.metadata.finalizers ?? []).filter((name) => !before.metadata.finalizers?.includes(name));
  if (added.length === 0) return [];
  const list = added.map((name) => JSON.stringify(name)).join(", ");
  const message = `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`;
  return [{ field: "metadata.finalizers", reason: "FieldValueForbidden", message }];
};
