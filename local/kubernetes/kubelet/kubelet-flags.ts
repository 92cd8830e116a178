import type { Taint } from "../objects/objects.ts";

/** The value of `--name=value` or `--name value` in a command line. */
export const flagIn = (text: string, name: string): string | undefined => {
  const [, double, single, plain] = new RegExp(`--${name}[= ](?:"([^"]*)"|'([^']*)'|([^\\s"']+))`).exec(text) ?? [];
  return double ?? single ?? plain;
};

/** Parses `a=b,c=d`, the format of --node-labels. */
export const parseLabels = (text: string | undefined): Record<string, string> =>
  Object.fromEntries(
    (text ?? "")
      .split(",")
      .filter((label) => label !== "")
      .map((label) => {
        const [key = "", value = ""] = label.split("=", 2);
        return [key.trim(), value.trim()];
      }),
  );

/** Parses `key=value:Effect` or `key:Effect`. */
const parseTaint = (text: string): Taint | undefined => {
  const [, key, value, effect] = /^\s*([^=:\s]+)(?:=([^:]*))?:(\w+)\s*$/.exec(text) ?? [];
  return key && effect ? { key, ...(value ? { value } : {}), effect } : undefined;
};

/** Parses a list of taints in the format of --register-with-taints. Ignores invalid entries. */
export const parseTaints = (text: string | undefined): Taint[] =>
  (text ?? "").split(",").flatMap((taint) => parseTaint(taint) ?? []);
