import type { Taint } from "../objects.ts";

/** The value of `--name=value` or `--name value` in a text of command line arguments. */
export const flagIn = (text: string, name: string): string | undefined => {
  const [, double, single, plain] = new RegExp(`--${name}[= ](?:"([^"]*)"|'([^']*)'|([^\\s"']+))`).exec(text) ?? [];
  return double ?? single ?? plain;
};

/** `a=b,c=d`, as --node-labels takes them. */
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

/** `key=value:Effect` or `key:Effect`. */
const parseTaint = (text: string): Taint | undefined => {
  const [, key, value, effect] = /^\s*([^=:\s]+)(?:=([^:]*))?:(\w+)\s*$/.exec(text) ?? [];
  return key && effect ? { key, ...(value ? { value } : {}), effect } : undefined;
};

/** A list of taints, as --register-with-taints takes it. What is no taint is left out. */
export const parseTaints = (text: string | undefined): Taint[] =>
  (text ?? "").split(",").flatMap((taint) => parseTaint(taint) ?? []);
