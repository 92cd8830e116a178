import { timestamp } from "../create-store.ts";
import type { Manager } from "../patch/managed-fields.ts";
import { BUILT_IN_MERGE_SCHEMA, type MergeSchema, mergeSchemaOf } from "../patch/merge-schema.ts";
import type { ResourceType } from "../resources.ts";
import { apiVersionOf } from "./body.ts";
import type { ResourceRequest } from "./context.ts";

/** The field manager of a request: the query parameter fieldManager, else the first part of the user agent. */
export const managerOf = ({
  cluster,
  query,
  headers,
  target,
  type,
}: ResourceRequest): Omit<Manager, "fields" | "operation"> => ({
  manager: query.get("fieldManager") ?? headers["user-agent"]?.split("/")[0] ?? "unknown",
  apiVersion: apiVersionOf(type),
  time: timestamp(cluster.clock.now()),
  subresource: target.subresource,
});

export const mergeSchemaFor = (type: ResourceType): MergeSchema =>
  type.custom ? mergeSchemaOf(type.custom.schema) : BUILT_IN_MERGE_SCHEMA;
