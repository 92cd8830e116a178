import type { Column } from "../table.ts";

/** Parses a comma-separated column list such as `Name, Ready:integer`. Columns after `|` are shown only with `-o wide`. */
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
