import type { PrinterColumn } from "../custom/definition.ts";
import { isObject } from "../json-value.ts";
import { ageOf } from "./age.ts";
import type { Cell, Column, Printer } from "./table.ts";

interface CustomColumn extends Column {
  readonly jsonPath: string;
}

/** The columns of a custom resource: the name, then the columns of its definition, or the age if it defines none. */
export const customColumns = (columns: readonly PrinterColumn[] = []): CustomColumn[] => [
  { name: "Name", type: "string", jsonPath: ".metadata.name" },
  ...(columns.length > 0
    ? columns.map((column) => ({
        ...column,
        description: column.description ?? `Custom resource definition column (in JSONPath format): ${column.jsonPath}`,
      }))
    : [{ name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" }]),
];

export const customPrinter = (columns: readonly CustomColumn[]): Printer => ({
  columns,
  cells: (object, now) =>
    columns.map(({ jsonPath, type }): Cell => {
      const value = readPath(object, jsonPath);
      if (value === undefined || value === null) return null;
      if (type === "date") return ageOf(value, now);
      if (typeof value === "number" || typeof value === "boolean") return type === "string" ? String(value) : value;
      return typeof value === "string" ? value : JSON.stringify(value);
    }),
});

export type { CustomColumn };

const STEP =
  /\.([A-Za-z0-9_-]+)|\['([^']+)'\]|\[(\d+|\*)\]|\[\?\(@\.([A-Za-z0-9_.-]+)\s*==\s*(?:"([^"]*)"|'([^']*)')\)\]/y;

/** The first value at a JSONPath. Supports what printer columns use: fields, indices, `[?(@.type=="Ready")]`. */
export const readPath = (object: unknown, jsonPath: string): unknown => {
  let values: unknown[] = [object];
  STEP.lastIndex = 0;
  while (STEP.lastIndex < jsonPath.length) {
    const step = STEP.exec(jsonPath);
    if (!step) return undefined;
    const [, field, quoted, index, key, double, single] = step;
    const name = field ?? quoted;
    values = values.flatMap((value) => {
      if (name !== undefined) return isObject(value) && value[name] !== undefined ? [value[name]] : [];
      if (!Array.isArray(value)) return [];
      if (index === "*") return value;
      if (index !== undefined) return value.slice(Number(index), Number(index) + 1);
      return value.filter((item) => isObject(item) && item[key ?? ""] === (double ?? single));
    });
  }
  return values[0];
};
