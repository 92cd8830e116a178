import type { ResourceType } from "../resources.ts";
import type { KubeObject } from "../store.ts";
import { printerOf } from "../tables/printers.ts";
import { type IncludeObject, isIncludeObject, metadataOnly, toTable } from "../tables/table.ts";
import { apiVersionOf } from "./body.ts";
import type { ResourceRequest } from "./context.ts";

/** The representation that the client accepts: full objects, table rows, or metadata only. */
export interface Rendering {
  one(object: KubeObject): unknown;
  list(objects: readonly KubeObject[], metadata: object): unknown;
}

const asThemselves = (type: ResourceType): Rendering => ({
  one: (object) => object,
  list: (objects, metadata) => ({
    kind: type.listKind,
    apiVersion: apiVersionOf(type),
    metadata,
    items: type.custom ? objects : objects.map(withoutType),
  }),
});

/** List items of built-in kinds have no apiVersion and kind. */
const withoutType = ({ apiVersion: _apiVersion, kind: _kind, ...rest }: KubeObject) => rest;

const asMetadata: Rendering = {
  one: metadataOnly,
  list: (items, metadata) => ({
    kind: "PartialObjectMetadataList",
    apiVersion: "meta.k8s.io/v1",
    metadata,
    items: items.map(metadataOnly),
  }),
};

export const tableOf = (
  { type, query, cluster }: ResourceRequest,
  objects: readonly KubeObject[],
  metadata: object,
) => {
  const include = query.get("includeObject");
  const how: IncludeObject = isIncludeObject(include) ? include : "Metadata";
  return toTable(printerOf(type), objects, metadata, cluster.clock.now(), how);
};

/** The first of the client's accepted representations that this server supports; JSON by default. */
export const renderingOf = (request: ResourceRequest): Rendering => {
  const accepted = (request.headers.accept ?? "").split(",").map((part) => part.trim());
  for (const form of accepted) {
    if (!form.startsWith("application/json")) continue;
    if (/;as=Table\b/.test(form) && /;v=v1(;|$)/.test(form)) {
      return {
        one: (object) => tableOf(request, [object], { resourceVersion: object.metadata.resourceVersion }),
        list: (objects, metadata) => tableOf(request, objects, metadata),
      };
    }
    if (/;as=PartialObjectMetadata/.test(form)) return asMetadata;
    if (!form.includes(";as=")) break;
  }
  return asThemselves(request.type);
};

/** Whether the client asks for a table. */
export const wantsTable = ({ headers }: ResourceRequest): boolean =>
  /^application\/json;as=Table;/.test((headers.accept ?? "").trim());
