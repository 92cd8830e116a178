import type { CustomResourceDefinition } from "./custom/definition.ts";
import { BUILT_IN, type ResourceType } from "./resources.ts";
import type { Store } from "./store.ts";
import { customColumns } from "./tables/custom.ts";

/** The resources currently served: the built-in ones and those of the stored CustomResourceDefinitions. */
export interface Registry {
  all(): readonly ResourceType[];
  find(group: string, version: string, plural: string): ResourceType | undefined;
}

export const createRegistry = (store: Store): Registry => {
  let types = withCustom(store);
  store.subscribe("customresourcedefinitions.apiextensions.k8s.io", () => {
    types = withCustom(store);
  });
  return {
    all: () => [...types.values()],
    find: (group, version, plural) => types.get(`${group}/${version}/${plural}`),
  };
};

const withCustom = (store: Store): Map<string, ResourceType> => {
  const definitions = store.list<CustomResourceDefinition>("customresourcedefinitions.apiextensions.k8s.io");
  const types = [...BUILT_IN, ...definitions.flatMap(servedBy)];
  return new Map(types.map((type) => [`${type.group}/${type.version}/${type.plural}`, type]));
};

const servedBy = ({ spec }: CustomResourceDefinition): ResourceType[] =>
  spec.versions
    .filter(({ served }) => served)
    .map((version) => ({
      name: `${spec.names.plural}.${spec.group}`,
      group: spec.group,
      version: version.name,
      plural: spec.names.plural,
      singular: spec.names.singular ?? spec.names.kind.toLowerCase(),
      kind: spec.names.kind,
      listKind: spec.names.listKind ?? `${spec.names.kind}List`,
      namespaced: spec.scope === "Namespaced",
      shortNames: spec.names.shortNames ?? [],
      categories: spec.names.categories ?? [],
      status: version.subresources?.status !== undefined,
      scale: false,
      custom: { schema: version.schema.openAPIV3Schema, columns: customColumns(version.additionalPrinterColumns) },
    }));
