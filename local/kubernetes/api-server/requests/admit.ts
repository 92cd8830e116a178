import { restrictNode } from "../access/node-restriction.ts";
import { applyDefaults } from "../defaults/apply-defaults.ts";
import { DecodeError, decode } from "../go/decode.ts";
import { goTypeOf, objectMeta } from "../go/types.ts";
import type { ResourceType } from "../resources.ts";
import { fillDefaults } from "../schema/fill-defaults.ts";
import { prune } from "../schema/prune.ts";
import { checkRules } from "../schema/rules.ts";
import type { Schema } from "../schema/schema.ts";
import { validate } from "../schema/validate.ts";
import { badRequest, type Cause, invalid } from "../status-errors.ts";
import type { KubeObject } from "../store.ts";
import { checkBuiltIn } from "../validation/built-in.ts";
import { checkMetadata, checkMetadataUpdate } from "../validation/metadata.ts";
import type { ResourceRequest } from "./context.ts";

/**
 * Prepares an object for storage, in place: drops unknown fields (an error with fieldValidation=Strict, else a warning), fills
 * in defaults and validates it. Throws 400 and 422. Returns warnings.
 */
export const admit = (request: ResourceRequest, object: KubeObject, before?: KubeObject): string[] => {
  const { type } = request;
  const schema = type.custom?.schema;
  request.mutate(object);
  if (type.name === "nodes") restrictNode(request.identity, object, before);
  const unknown = removeUnknownFields(type, object);
  const strictness = request.query.get("fieldValidation") ?? "Warn";
  if (unknown.length > 0 && strictness === "Strict") throw unknownFieldsError(type, unknown);
  if (schema) fillDefaults(object, schema);
  else applyDefaults(type.name, object);
  const metadata = [...checkMetadata(object, type), ...(before ? checkMetadataUpdate(before, object) : [])];
  const causes = schema
    ? checkCustom(object, schema, before, metadata)
    : [...metadata, ...checkBuiltIn(type.name, object, before)];
  if (causes.length > 0) throw invalid(type.kind, type.group, object.metadata.name, causes);
  return strictness === "Ignore" ? [] : unknown.map((field) => `unknown field "${field}"`);
};

/** Removes fields that the kind does not have and returns their paths. Throws 400 if a value has the wrong type for its field. */
const removeUnknownFields = (type: ResourceType, object: KubeObject): string[] => {
  const struct = type.custom ? undefined : goTypeOf(type.kind);
  const metadata = objectMeta();
  try {
    if (struct) return decode(object, struct);
    const inMetadata = metadata ? decode(object.metadata, metadata, "metadata") : [];
    return [...inMetadata, ...(type.custom ? prune(object, type.custom.schema) : [])];
  } catch (error) {
    throw error instanceof DecodeError ? badRequest(`${cannotBe(type)}: ${error.message}`) : error;
  }
};

const cannotBe = ({ kind, version }: ResourceType): string =>
  `${kind} in version "${version}" cannot be handled as a ${kind}`;

const unknownFieldsError = (type: ResourceType, fields: readonly string[]) =>
  badRequest(
    `${cannotBe(type)}: strict decoding error: ${fields.map((field) => `unknown field "${field}"`).join(", ")}`,
  );

/** Errors that prevent the validation rules from being evaluated (apiextensions-apiserver, hasBlockingErr). */
const BLOCKING = new Set([
  "FieldValueNotSupported",
  "FieldValueRequired",
  "FieldValueTooLong",
  "FieldValueTooMany",
  "FieldValueTypeInvalid",
]);
const RULES_NOT_CHECKED: Cause = {
  field: "<nil>",
  reason: "FieldValueInvalid",
  message:
    "Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation",
};

const checkCustom = (
  object: KubeObject,
  schema: Schema,
  before: KubeObject | undefined,
  metadata: readonly Cause[],
): Cause[] => {
  const causes = [...metadata, ...validate(object, schema)];
  if (causes.some(({ reason }) => BLOCKING.has(reason))) return [...causes, RULES_NOT_CHECKED];
  return [...causes, ...checkRules(object, schema, before)];
};
