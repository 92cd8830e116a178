/**
 * Writes shared/model/api/*.gen.ts and docs/reference/*.md from the CRDs, so that schema, types and documentation stay in sync. With
 * `--check` it writes nothing and exits 1 if a file is outdated.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { compile, type JSONSchema } from "json-schema-to-typescript";
import { parse } from "yaml";
import { type Schema as DescribedSchema, renderFieldReference } from "./field-reference.ts";

const CRDS = ["nodepools", "awsnodeclasses"] as const;
const ROOT = new URL("../", import.meta.url);

interface Schema {
  type?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  additionalProperties?: Schema | boolean;
  [keyword: string]: unknown;
}

interface CustomResourceDefinition {
  spec: { names: { kind: string }; versions: { name: string; schema: { openAPIV3Schema: Schema } }[] };
}

/**
 * Converts a structural schema to JSON schema for the type compiler. The API server prunes unknown fields, so objects are closed. The
 * pattern of an int-or-string and the Kubernetes keywords do not affect types. Bounds on a list's length are omitted, because they would
 * become tuple types, which are awkward for callers.
 */
const toJsonSchema = ({ properties, items, additionalProperties, anyOf, ...rest }: Schema): JSONSchema => ({
  ...(rest.type ? { type: rest.type as "object" } : {}),
  ...(typeof rest.description === "string" ? { description: rest.description } : {}),
  ...(Array.isArray(rest.enum) ? { enum: rest.enum } : {}),
  ...(Array.isArray(rest.required) ? { required: rest.required } : {}),
  ...(anyOf ? { type: ["integer", "string"] } : {}),
  ...(properties ? { properties: mapValues(properties, toJsonSchema), additionalProperties: false } : {}),
  ...(additionalProperties && typeof additionalProperties === "object"
    ? { additionalProperties: toJsonSchema(additionalProperties) }
    : {}),
  ...(items ? { items: toJsonSchema(items) } : {}),
});

const mapValues = <T, U>(record: Record<string, T>, change: (value: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));

interface GeneratedFile {
  readonly path: string;
  readonly source: string;
}

const generate = async (crd: string): Promise<readonly GeneratedFile[]> => {
  const text = await readFile(new URL(`crds/${crd}.yaml`, ROOT), "utf8");
  const { names, versions } = (parse(text) as CustomResourceDefinition).spec;
  const version = versions[0];
  if (!version) throw new Error(`crds/${crd}.yaml has no version`);
  const { spec, status } = version.schema.openAPIV3Schema.properties ?? {};
  if (!spec || !status) throw new Error(`crds/${crd}.yaml: the schema has no spec or no status`);
  const options = { bannerComment: "", format: true, style: { printWidth: 120 } };
  const parts = [
    await compile(toJsonSchema(spec), `${names.kind}Spec`, options),
    await compile(toJsonSchema(status), `${names.kind}Status`, options),
  ];
  const banner = `// Generated from crds/${crd}.yaml by \`npm run generate\`. Do not edit.\n`;
  const name = names.kind.toLowerCase();
  const described = { spec: spec as DescribedSchema, status: status as DescribedSchema };
  return [
    { path: `shared/model/api/${name}.gen.ts`, source: [banner, ...parts].join("\n") },
    { path: `docs/reference/${name}.md`, source: renderFieldReference(names.kind, `crds/${crd}.yaml`, described) },
  ];
};

const isCurrent = async ({ path, source }: GeneratedFile): Promise<boolean> =>
  (await readFile(new URL(path, ROOT), "utf8").catch(() => "")) === source;

const files = (await Promise.all(CRDS.map(generate))).flat();
if (process.argv.includes("--check")) {
  for (const file of files) {
    if (await isCurrent(file)) continue;
    console.error(`${file.path} is outdated: its CRD has changed. Run \`npm run generate\` and commit the result.`);
    process.exitCode = 1;
  }
} else {
  await mkdir(new URL("docs/reference", ROOT), { recursive: true });
  for (const file of files) await writeFile(new URL(file.path, ROOT), file.source);
}
