import { referencesIn } from "./intrinsics.ts";
import type { TemplateResource } from "./template.ts";

/** Returns the logical ids in the template's order, but each after everything it refers to or depends on. Throws on a cycle. */
export const creationOrder = (resources: Readonly<Record<string, TemplateResource>>): string[] => {
  const ordered: string[] = [];
  const state = new Map<string, "visiting" | "done">();

  const visit = (logicalId: string, path: readonly string[]) => {
    const resource = resources[logicalId];
    if (!resource || state.get(logicalId) === "done") return;
    if (state.get(logicalId) === "visiting")
      throw new Error(`circular dependency between resources: ${[...path, logicalId].join(" → ")}`);
    state.set(logicalId, "visiting");
    const dependencies = [resource.DependsOn ?? []].flat().concat(referencesIn(resource.Properties));
    for (const id of dependencies) if (id !== logicalId) visit(id, [...path, logicalId]);
    state.set(logicalId, "done");
    ordered.push(logicalId);
  };

  for (const logicalId of Object.keys(resources)) visit(logicalId, []);
  return ordered;
};
