import type { Outcome } from "../../kubectl.ts";

/** Values that differ between runs or machines, with their placeholders. */
const VARIABLE: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "<uid>"],
  [/^[EWI]\d{4} [\d:.]+ +\d+ /gm, "<log> "],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, "<time>"],
  [/(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w+ \d{4} \d\d:\d\d:\d\d [+-]\d{4}/g, "<time>"],
  [/((?:"resourceVersion"|resourceVersion|Resource Version): +"?)\d+/g, "$1<version>"],
  [/127\.0\.0\.1:\d+/g, "<server>"],
  [/\b(gen-)[a-z0-9]{5}\b/g, "$1<random>"],
  // Ages, and the column padding that depends on their length.
  [/(?<=[ \t])(?:\d+[smhd]){1,2}(?=\s|$)/gm, "<age>"],
  [/[ \t]+$/gm, ""],
  [/ {2,}/g, "  "],
];

/** The real server visits a custom resource's fields in the order of a Go map. */
const sortCauses = (text: string): string =>
  text.replace(/(?:^\* .*\n)+/gm, (lines) => lines.trimEnd().split("\n").toSorted().join("\n").concat("\n"));

/** Output and exit code of a run in a form that can be compared between clusters. */
export const normalize = ({ code, stdout, stderr }: Outcome): string => {
  const text = `${stdout}\n-- standard error\n${stderr}\n-- ended with ${code}\n`;
  return sortCauses(VARIABLE.reduce((result, [pattern, replacement]) => result.replaceAll(pattern, replacement), text));
};
