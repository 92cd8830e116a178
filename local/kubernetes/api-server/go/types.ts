/** The Go types into which a real API server decodes built-in kinds, derived from the models of @kubernetes/client-node. */
import * as models from "@kubernetes/client-node/dist/gen/models/all.js";

export type GoType = GoStruct | GoList | GoMap | GoScalar | { readonly kind: "any" };
export interface GoStruct {
  readonly kind: "struct";
  readonly name: string;
  readonly fields: ReadonlyMap<string, GoType>;
}
interface GoList {
  readonly kind: "list";
  readonly items: GoType;
}
interface GoMap {
  readonly kind: "map";
  readonly values: GoType;
}
export interface GoScalar {
  readonly kind: "scalar";
  readonly name: "string" | "bool" | "int32" | "int64" | "float64" | "quantity";
}

interface Attribute {
  readonly baseName: string;
  readonly type: string;
  readonly format: string;
}

const ANY: GoType = { kind: "any" };
/** Fields that are a string, or a map of strings, in the models but a resource.Quantity in Kubernetes, which may also be a number. */
const QUANTITIES = new Set([
  ...["allocatable", "allocatedResources", "capacity", "default", "defaultRequest", "hard", "limits", "max"],
  ...["maxLimitRequestRatio", "min", "overhead", "requests", "sizeLimit", "divisor", "used"],
]);

const structs = new Map<string, GoStruct>();

const modelsByName = new Map<string, unknown>(Object.entries(models));

const attributesOf = (model: string): readonly Attribute[] | undefined =>
  (modelsByName.get(model) as { attributeTypeMap?: readonly Attribute[] } | undefined)?.attributeTypeMap;

/** Registers a struct before it reads its fields, because some types are recursive. */
const structOf = (model: string): GoStruct | undefined => {
  const known = structs.get(model);
  if (known) return known;
  const attributes = attributesOf(model);
  if (!attributes) return undefined;
  const fields = new Map<string, GoType>();
  const struct: GoStruct = { kind: "struct", name: model.replace(/^[A-Za-z]*V\d/, ""), fields };
  structs.set(model, struct);
  for (const attribute of attributes) fields.set(attribute.baseName, typeOf(attribute));
  return struct;
};

const typeOf = ({ baseName, type, format }: Attribute): GoType => {
  const item = /^Array<(.*)>$/.exec(type)?.[1];
  if (item !== undefined) return { kind: "list", items: typeOf({ baseName, type: item, format }) };
  const value = /^\{ \[key: string\]: (.*); \}$/.exec(type)?.[1];
  if (value !== undefined) return { kind: "map", values: typeOf({ baseName, type: value, format }) };
  if (type === "boolean") return { kind: "scalar", name: "bool" };
  if (type === "number") return { kind: "scalar", name: format === "int32" || format === "int64" ? format : "float64" };
  if (type === "string") return { kind: "scalar", name: QUANTITIES.has(baseName) ? "quantity" : "string" };
  return structOf(type) ?? ANY;
};

/** The type of a built-in kind; undefined for a kind without a model. */
export const goTypeOf = (kind: string): GoStruct | undefined =>
  structOf(kind === "Event" ? "CoreV1Event" : `V1${kind}`);

/** The metadata type of all kinds, including custom ones. */
export const objectMeta = (): GoStruct | undefined => structOf("V1ObjectMeta");
