import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";

/** The AWS SDK's schemas of all requests and responses of a service. */
const SCHEMAS = /@aws-sdk[\\/]client-[\w-]+[\\/]dist-es[\\/]schemas[\\/]schemas_\d+\.js$/;
const NAME = /^const (_\w+) = ("[^"\\]*");$/gm;
const COMPUTED_KEY = /\[(_\w+)\]:/g;

/**
 * Lets esbuild drop the schemas of unused operations, which are most of the EC2 client. The schemas contain many objects with computed
 * keys, `{[_xN]: …}`, where `_xN` is a string constant of the same file. esbuild must assume that computing a key has side effects. With
 * the key's text inlined, the object clearly has none. Code that does not match stays unchanged: then the bundle grows, and its size
 * test fails.
 */
export const inlineSchemaNames: Plugin = {
  name: "inline-schema-names",
  setup: ({ onLoad }) => {
    onLoad({ filter: SCHEMAS }, async ({ path }) => ({ contents: withPlainKeys(await readFile(path, "utf8")) }));
  },
};

/** Replaces computed keys that are module constants with their text. */
export const withPlainKeys = (source: string): string => {
  const names = new Map([...source.matchAll(NAME)].map(([, name, text]) => [name, text]));
  return source.replace(COMPUTED_KEY, (key, name: string) => (names.has(name) ? `${names.get(name)}:` : key));
};
