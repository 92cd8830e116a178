/** Reads the CloudFormation template that `cdk synth` writes, from its cloud assembly. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
  readonly Condition?: string;
  readonly Metadata?: Readonly<Record<string, unknown>>;
}

export interface Template {
  readonly Resources: Record<string, TemplateResource>;
  readonly Parameters?: Readonly<Record<string, { readonly Type: string; readonly Default?: unknown }>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Mappings?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown; readonly Condition?: string }>>;
}

export interface Assembly {
  readonly stackName: string;
  readonly template: Template;
  /** Absolute; asset paths in the template are relative to it. */
  readonly directory: string;
}

interface Manifest {
  artifacts: Record<string, { type: string; properties?: { templateFile?: string; stackName?: string } }>;
}

const readJson = <T>(path: string): T => JSON.parse(readFileSync(path, "utf8")) as T;

/** Reads a stack of the cloud assembly in `directory` (`cdk.out`), by its id. Throws unless there is one of that id. */
export const readAssembly = (directory: string, stackId = "Stratos"): Assembly => {
  const manifest = readJson<Manifest>(join(directory, "manifest.json"));
  const stacks = Object.entries(manifest.artifacts).filter(([, { type }]) => type === "aws:cloudformation:stack");
  const stack = stacks.find(([id]) => id === stackId);
  if (!stack) throw new Error(`reading ${directory}: found no stack ${stackId}, but ${stacks.map(([id]) => id)}`);
  const [id, { properties }] = stack;
  const template = readJson<Template>(join(directory, properties?.templateFile ?? `${id}.template.json`));
  return { stackName: properties?.stackName ?? id, template, directory };
};
