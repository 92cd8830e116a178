/** Renders a kind's fields as a Markdown page: the content of `kubectl explain --recursive` on one page. */

export interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly "x-kubernetes-int-or-string"?: boolean;
  readonly "x-kubernetes-validations"?: readonly { readonly message?: string }[];
}

const typeOf = (schema: Schema): string => {
  const { items, additionalProperties } = schema;
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(", ");
  if (schema["x-kubernetes-int-or-string"]) return "integer or string";
  if (items) return `list of ${typeOf(items)}`;
  if (typeof additionalProperties === "object") return `map of ${typeOf(additionalProperties)}`;
  return schema.type ?? "";
};

/** A default of `{}` is not shown: it only makes the defaults of the nested fields apply. */
const defaultOf = (schema: Schema, isRequired: boolean): string => {
  if (schema.default !== undefined && typeof schema.default !== "object") return `\`${schema.default}\``;
  return isRequired ? "required" : "";
};

const rulesOf = (schema: Schema): readonly string[] =>
  (schema["x-kubernetes-validations"] ?? []).flatMap(({ message }) => message ?? []);

const meaningOf = (schema: Schema): string => {
  const rules = rulesOf(schema);
  const validation = rules.length > 0 ? `Validation: ${rules.join("; ")}.` : "";
  return [schema.description ?? "", validation].join(" ").trim().replaceAll("|", "\\|");
};

const rowsOf = (schema: Schema, path: string): string[] =>
  Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const fieldPath = `${path}.${name}`;
    const isRequired = schema.required?.includes(name) ?? false;
    const row = `| \`${fieldPath}\` | ${typeOf(field)} | ${defaultOf(field, isRequired)} | ${meaningOf(field)} |`;
    return [row, ...(field.items ? rowsOf(field.items, `${fieldPath}[]`) : rowsOf(field, fieldPath))];
  });

const table = (schema: Schema, path: string): string[] => [
  `## ${path}`,
  "",
  ...(schema.description ? [schema.description, ""] : []),
  ...(rulesOf(schema).length > 0 ? ["Validation:", "", ...rulesOf(schema).map((rule) => `- ${rule}`), ""] : []),
  "| field | type | default | meaning |",
  "| --- | --- | --- | --- |",
  ...rowsOf(schema, path),
  "",
];

export const renderFieldReference = (
  kind: string,
  source: string,
  { spec, status }: { spec: Schema; status: Schema },
): string =>
  [
    `<!-- Generated from ${source} by \`npm run generate\`. Do not edit. -->`,
    "",
    `# ${kind}: fields`,
    "",
    ...table(spec, "spec"),
    ...table(status, "status"),
  ].join("\n");
