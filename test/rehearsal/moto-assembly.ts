/** Adapts the cloud assembly so that moto can deploy it. */
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readAssembly, type Template, type TemplateResource } from "../../local/aws/cloudformation/template.ts";

export interface Adapted {
  readonly directory: string;
  readonly template: Template;
  /** The changes and their reasons. */
  readonly changes: readonly string[];
}

/** The rule with its bus referenced by name. */
const withBusName = (rule: TemplateResource, { Resources }: Template): TemplateResource | undefined => {
  const bus = (rule.Properties?.EventBusName as { Ref?: string } | undefined)?.Ref;
  const name = bus && Resources[bus]?.Properties?.Name;
  if (!bus || typeof name !== "string") return undefined;
  return { ...rule, Properties: { ...rule.Properties, EventBusName: name }, DependsOn: bus };
};

/** Copies the assembly to `directory` and changes what moto does not support. */
export const adaptForMoto = (assembly: string, directory: string): Adapted => {
  cpSync(assembly, directory, { recursive: true });
  const { template, stackName } = readAssembly(directory);
  const changed = Object.entries(template.Resources).flatMap(([id, resource]): [string, TemplateResource][] => {
    const named = resource.Type === "AWS::Events::Rule" ? withBusName(resource, template) : undefined;
    return named ? [[id, named]] : [];
  });
  const adapted = { ...template, Resources: { ...template.Resources, ...Object.fromEntries(changed) } };
  writeFileSync(join(directory, `${stackName}.template.json`), JSON.stringify(adapted));
  const changes = changed.map(
    ([id]) => `${id}: EventBusName is the name of the bus, because moto fails on a Ref to a bus`,
  );
  return { directory, template: adapted, changes };
};
