import { copy, isObject } from "../json-value.ts";
import { type Schema, schemaOfField } from "./schema.ts";

/**
 * Fills in the schema's defaults, in place and before validation. A null in a field that is not nullable counts as absent
 * (apiextensions-apiserver, schema/defaulting).
 */
export const fillDefaults = (value: unknown, schema: Schema | undefined): void => {
  if (!schema) return;
  if (Array.isArray(value)) {
    for (const item of value) fillDefaults(item, schema.items);
  } else if (isObject(value)) {
    for (const field of Object.keys(value)) {
      if (value[field] === null && !schemaOfField(schema, field)?.nullable) delete value[field];
    }
    for (const [field, property] of Object.entries(schema.properties ?? {})) {
      if (value[field] === undefined && property.default !== undefined) value[field] = copy(property.default);
    }
    for (const field of Object.keys(value)) fillDefaults(value[field], schemaOfField(schema, field));
  }
};
