import { timestamp } from "../create-store.ts";
import type { Manager } from "../patch/managed-fields.ts";
import { BUILT_IN_SHAPES, type Shapes, shapesOf } from "../patch/shapes.ts";
import type { ResourceType } from "../resources.ts";
import { apiVersionOf } from "./body.ts";
import type { ResourceRequest } from "./context.ts";

/** Who writes: the query parameter fieldManager, else the first word of the user agent. */
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

export const shapesFor = (type: ResourceType): Shapes => (type.custom ? shapesOf(type.custom.schema) : BUILT_IN_SHAPES);
