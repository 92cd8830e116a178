import { isObject, valueAt } from "../json-value.ts";
import { compileRule } from "../schema/rules.ts";
import type { Schema } from "../schema/schema.ts";
import type { Cause } from "../status-errors.ts";
import type { KubeObject } from "../store.ts";
import type { CustomResourceDefinition } from "./definition.ts";

const required = (field: string): Cause => ({ field, reason: "FieldValueRequired", message: "Required value" });

/** Validates a CustomResourceDefinition: reports what makes it impossible to serve, and rules that do not compile. */
export const checkDefinition = (object: KubeObject): Cause[] => {
  const missing = ["group", "scope", "names", "versions"].filter(
    (field) => valueAt(object, ["spec", field]) === undefined,
  );
  if (missing.length > 0) return missing.map((field) => required(`spec.${field}`));
  const { spec, metadata } = object as CustomResourceDefinition;
  const causes: Cause[] = [];
  const name = `${spec.names.plural}.${spec.group}`;
  if (metadata.name !== name) {
    const message = `Invalid value: ${JSON.stringify(metadata.name)}: must be spec.names.plural+"."+spec.group`;
    causes.push({ field: "metadata.name", reason: "FieldValueInvalid", message });
  }
  if (spec.versions.filter(({ storage }) => storage).length !== 1) {
    const message = "Invalid value: must have exactly one version marked as storage version";
    causes.push({ field: "spec.versions", reason: "FieldValueInvalid", message });
  }
  for (const [index, version] of spec.versions.entries()) {
    const field = `spec.versions[${index}].schema.openAPIV3Schema`;
    const schema = version.schema?.openAPIV3Schema;
    if (schema) causes.push(...checkSchema(schema, field));
    else causes.push(required(field));
  }
  return causes;
};

const checkSchema = (schema: Schema, field: string): Cause[] => [
  ...(schema["x-kubernetes-validations"] ?? []).flatMap(({ rule }, index): Cause[] => {
    try {
      compileRule(rule);
      return [];
    } catch (error) {
      const message = `Invalid value: ${JSON.stringify(rule)}: compilation failed: ${error instanceof Error ? error.message : error}`;
      return [{ field: `${field}.x-kubernetes-validations[${index}].rule`, reason: "FieldValueInvalid", message }];
    }
  }),
  ...Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
    checkSchema(property, `${field}.properties[${name}]`),
  ),
  ...(schema.items ? checkSchema(schema.items, `${field}.items`) : []),
  ...(isObject(schema.additionalProperties)
    ? checkSchema(schema.additionalProperties as Schema, `${field}.additionalProperties`)
    : []),
];
