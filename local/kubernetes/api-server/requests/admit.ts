import { applyDefaults } from "../defaults/apply-defaults.ts";
import { DecodeFailure, decode } from "../go/decode.ts";
import { goTypeOf, objectMeta } from "../go/types.ts";
import { badRequest, type Cause, invalid } from "../refusals.ts";
import type { ResourceType } from "../resources.ts";
import { fillDefaults } from "../schema/fill-defaults.ts";
import { prune } from "../schema/prune.ts";
import { checkRules } from "../schema/rules.ts";
import type { Schema } from "../schema/schema.ts";
import { validate } from "../schema/validate.ts";
import type { KubeObject } from "../store.ts";
import { checkBuiltIn } from "../validation/built-in.ts";
import { checkMetadata, checkMetadataUpdate } from "../validation/metadata.ts";
import type { ResourceRequest } from "./context.ts";

/**
 * Makes an object fit to be stored, in place: fields that its kind does not have are dropped (an error with
 * fieldValidation=Strict, else a warning), defaults filled in, everything checked. Throws 400 and 422. Returns warnings.
 */
export const admit = (request: ResourceRequest, object: KubeObject, before?: KubeObject): string[] => {
  const { type } = request;
  const schema = type.custom?.schema;
  const unknown = dropUnknown(type, object);
  const strictness = request.query.get("fieldValidation") ?? "Warn";
  if (unknown.length > 0 && strictness === "Strict") throw refuseUnknown(type, unknown);
  if (schema) fillDefaults(object, schema);
  else applyDefaults(type.name, object);
  const metadata = [...checkMetadata(object, type), ...(before ? checkMetadataUpdate(before, object) : [])];
  const causes = schema
    ? checkCustom(object, schema, before, metadata)
    : [...metadata, ...checkBuiltIn(type.name, object, before)];
  if (causes.length > 0) throw invalid(type.kind, type.group, object.metadata.name, causes);
  return strictness === "Ignore" ? [] : unknown.map((field) => `unknown field "${field}"`);
};

/** Removes what the kind does not have; the paths of what went. Throws 400 where a field cannot hold its value. */
const dropUnknown = (type: ResourceType, object: KubeObject): string[] => {
  const struct = type.custom ? undefined : goTypeOf(type.kind);
  const metadata = objectMeta();
  try {
    if (struct) return decode(object, struct);
    const inMetadata = metadata ? decode(object.metadata, metadata, "metadata") : [];
    return [...inMetadata, ...(type.custom ? prune(object, type.custom.schema) : [])];
  } catch (error) {
    throw error instanceof DecodeFailure ? badRequest(`${cannotBe(type)}: ${error.message}`) : error;
  }
};

const cannotBe = ({ kind, version }: ResourceType): string =>
  `${kind} in version "${version}" cannot be handled as a ${kind}`;

const refuseUnknown = (type: ResourceType, fields: readonly string[]) =>
  badRequest(
    `${cannotBe(type)}: strict decoding error: ${fields.map((field) => `unknown field "${field}"`).join(", ")}`,
  );

/** With errors of these kinds the rules are not evaluated (apiextensions-apiserver, hasBlockingErr). */
const BLOCKING = new Set([
  "FieldValueNotSupported",
  "FieldValueRequired",
  "FieldValueTooLong",
  "FieldValueTooMany",
  "FieldValueTypeInvalid",
]);
const NOT_CHECKED: Cause = {
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
  if (causes.some(({ reason }) => BLOCKING.has(reason))) return [...causes, NOT_CHECKED];
  return [...causes, ...checkRules(object, schema, before)];
};
