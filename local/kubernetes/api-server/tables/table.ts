import type { KubeObject } from "../store.ts";

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly description?: string;
  /** A column with priority 0 is always shown, one with 1 only with `-o wide`. */
  readonly priority?: number;
}

export type Cell = string | number | boolean | null;

/** Renders the objects of a resource as table rows. `now` is in milliseconds. */
export interface Printer {
  readonly columns: readonly Column[];
  cells(object: KubeObject, now: number): Cell[];
}

/** How much of each object a row carries (the query parameter includeObject). */
export type IncludeObject = "None" | "Metadata" | "Object";

export const isIncludeObject = (value: string | null): value is IncludeObject =>
  value === "None" || value === "Metadata" || value === "Object";

/** The meta.k8s.io/v1 `Table` that kubectl requests. */
export const toTable = (
  printer: Printer,
  objects: readonly KubeObject[],
  metadata: object,
  now: number,
  include: IncludeObject = "Metadata",
) => ({
  kind: "Table",
  apiVersion: "meta.k8s.io/v1",
  metadata,
  columnDefinitions: printer.columns.map(({ name, type, format = "", description = "", priority = 0 }) => ({
    name,
    type,
    format: name === "Name" ? "name" : format,
    description,
    priority,
  })),
  rows: objects.map((object) => ({
    cells: printer.cells(object, now),
    ...(include === "None" ? {} : { object: include === "Object" ? object : metadataOnly(object) }),
  })),
});

export const metadataOnly = ({ metadata }: KubeObject) => ({
  kind: "PartialObjectMetadata",
  apiVersion: "meta.k8s.io/v1",
  metadata,
});
