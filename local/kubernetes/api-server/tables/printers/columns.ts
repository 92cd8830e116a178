import type { Column } from "../table.ts";

/** Columns from a terse list: `Name`, `Ready:integer`; those after `|` are shown with `-o wide` only. */
export const columns = (list: string): Column[] => {
  const [shown = "", wide = ""] = list.split("|");
  const parse = (part: string, priority: number): Column[] =>
    part
      .split(",")
      .map((item) => item.trim())
      .filter(Boolean)
      .map((item) => {
        const [name = "", type = "string"] = item.split(":");
        return { name, type, priority };
      });
  return [...parse(shown, 0), ...parse(wide, 1)];
};
