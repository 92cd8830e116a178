/** How large the template is, and the policies in it. */
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApp } from "../infra/create-app.ts";
import { FUNCTIONS_FOLDER } from "../infra/functions.ts";

const MEASURED =
  "The synthesized template: its file in bytes, its resources, and the characters of the functions' policies as they are in the template, where references " +
  "are longer than what they stand for. inline: of one role. managed: how many, and the largest.";

const CLUSTERS = [1, 10, 40];

interface Resource {
  readonly Type: string;
  readonly Properties?: { readonly PolicyDocument?: unknown };
}

const policySizes = (resources: readonly Resource[], type: string): number[] =>
  resources
    .filter(({ Type }) => Type === type)
    .map(({ Properties }) => JSON.stringify(Properties?.PolicyDocument).length);

const measure = (count: number, outdir: string) => {
  const clusters = Array.from({ length: count }, (_, index) => ({ name: `a-cluster-with-a-name-${index}` }));
  createApp(FUNCTIONS_FOLDER, { outdir, context: { clusters } }).synth();
  const file = readFileSync(join(outdir, "Stratos.template.json"));
  const resources: Resource[] = Object.values(JSON.parse(file.toString()).Resources);
  const managed = policySizes(resources, "AWS::IAM::ManagedPolicy");
  return {
    clusters: count,
    bytes: file.length,
    resources: resources.length,
    largestInline: Math.max(...policySizes(resources, "AWS::IAM::Policy")),
    managed: { count: managed.length, largest: Math.max(0, ...managed) },
  };
};

/** The functions must be bundled already. */
export const benchTemplate = async () => {
  const folder = await mkdtemp(join(tmpdir(), "stratos-bench-"));
  try {
    return { measured: MEASURED, templates: CLUSTERS.map((count) => measure(count, join(folder, String(count)))) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
