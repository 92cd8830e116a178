import type { Registry } from "./registry.ts";
import { apiVersionOf } from "./requests/body.ts";
import type { ResourceType } from "./resources.ts";

/**
 * The OpenAPI v3 documents: an index, and one document per group version. They contain the schemas of custom resources, so that
 * `kubectl explain` works. Built-in kinds are listed without a schema, which tells kubectl that the server validates fields.
 */
export const openApi = (registry: Registry, path: string): unknown => {
  const documents = groupVersions(registry);
  if (path === "/openapi/v3") return { paths: indexOf(documents) };
  const types = documents.get(path.slice("/openapi/v3/".length));
  return types && documentOf(types);
};

const groupVersions = (registry: Registry): Map<string, ResourceType[]> => {
  const documents = new Map<string, ResourceType[]>();
  for (const type of registry.all()) {
    const path = rootOf(type).slice(1);
    documents.set(path, [...(documents.get(path) ?? []), type]);
  }
  return documents;
};

const rootOf = ({ group, version }: ResourceType): string => (group ? `/apis/${group}/${version}` : `/api/${version}`);

const indexOf = (documents: Map<string, ResourceType[]>) =>
  Object.fromEntries([...documents.keys()].map((path) => [path, { serverRelativeURL: `/openapi/v3/${path}` }]));

const documentOf = (types: readonly ResourceType[]) => ({
  openapi: "3.0.0",
  info: { title: "Kubernetes", version: "v1.36.3" },
  paths: Object.assign({}, ...types.map(pathsOf)),
  components: { schemas: { [METADATA]: METADATA_SCHEMA, ...Object.assign({}, ...types.map(schemaOf)) } },
});

const METADATA = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
const METADATA_SCHEMA = {
  type: "object",
  description: "ObjectMeta is metadata that all persisted resources must have.",
  properties: {
    name: { type: "string", description: "Name must be unique within a namespace." },
    namespace: { type: "string", description: "Namespace defines the space within which each name must be unique." },
    labels: { type: "object", additionalProperties: { type: "string" } },
    annotations: { type: "object", additionalProperties: { type: "string" } },
    finalizers: { type: "array", items: { type: "string" } },
  },
};

const groupVersionKind = ({ group, version, kind }: ResourceType) => ({ group, version, kind });

const schemaName = ({ group, version, kind }: ResourceType): string =>
  `${(group || "core").split(".").reverse().join(".")}.${version}.${kind}`;

const pathsOf = (type: ResourceType) => {
  const reference = { $ref: `#/components/schemas/${schemaName(type)}` };
  const json = { "application/json": { schema: reference } };
  const operation = (parameters: string[], action: string) => ({
    "x-kubernetes-action": action,
    "x-kubernetes-group-version-kind": groupVersionKind(type),
    parameters: parameters.map((name) => ({ name, in: "query", schema: { type: "string", uniqueItems: true } })),
    responses: { 200: { description: "OK", content: json } },
  });
  const writing = ["dryRun", "fieldManager", "fieldValidation"];
  const collection = `${rootOf(type)}/${type.namespaced ? "namespaces/{namespace}/" : ""}${type.plural}`;
  return {
    [collection]: {
      get: operation(["labelSelector", "fieldSelector", "limit", "continue"], "list"),
      post: { ...operation(writing, "post"), requestBody: { content: json } },
    },
    [`${collection}/{name}`]: {
      get: operation([], "get"),
      put: { ...operation(writing, "put"), requestBody: { content: json } },
      patch: operation([...writing, "force"], "patch"),
      delete: operation(["dryRun", "gracePeriodSeconds", "propagationPolicy"], "delete"),
    },
  };
};

const schemaOf = (type: ResourceType) => {
  const schema = type.custom?.schema ?? { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  const own = "properties" in schema ? schema.properties : {};
  return {
    [schemaName(type)]: {
      ...schema,
      "x-kubernetes-group-version-kind": [groupVersionKind(type)],
      properties: {
        ...own,
        apiVersion: { type: "string", description: `The version of this representation: ${apiVersionOf(type)}.` },
        kind: { type: "string", description: `The kind of this object: ${type.kind}.` },
        metadata: {
          description: "Standard object's metadata.",
          allOf: [{ $ref: `#/components/schemas/${METADATA}` }],
        },
      },
    },
  };
};
