import type { Outcome } from "../../kubectl.ts";

/** What differs from run to run, or with the machine: replaced by what it is. */
const PASSING: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "<uid>"],
  [/^[EWI]\d{4} [\d:.]+ +\d+ /gm, "<log> "],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, "<time>"],
  [/(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w+ \d{4} \d\d:\d\d:\d\d [+-]\d{4}/g, "<time>"],
  [/((?:"resourceVersion"|resourceVersion|Resource Version): +"?)\d+/g, "$1<version>"],
  [/127\.0\.0\.1:\d+/g, "<server>"],
  [/\b(gen-)[a-z0-9]{5}\b/g, "$1<random>"],
  // Ages, and what columns are padded by because of their length.
  [/(?<=[ \t])(?:\d+[smhd]){1,2}(?=\s|$)/gm, "<age>"],
  [/[ \t]+$/gm, ""],
  [/ {2,}/g, "  "],
];

/** The real server finds a custom resource's fields in the order of a Go map. */
const sortCauses = (text: string): string =>
  text.replace(/(?:^\* .*\n)+/gm, (lines) => lines.trimEnd().split("\n").toSorted().join("\n").concat("\n"));

/** What a run printed and how it ended, as it can be compared with another cluster's. */
export const normalize = ({ code, stdout, stderr }: Outcome): string => {
  const text = `${stdout}\n-- standard error\n${stderr}\n-- ended with ${code}\n`;
  return sortCauses(PASSING.reduce((result, [pattern, replacement]) => result.replaceAll(pattern, replacement), text));
};
