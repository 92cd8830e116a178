import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";

/** The AWS SDK's descriptions of everything that a service can be sent and can answer. */
const SCHEMAS = /@aws-sdk[\\/]client-[\w-]+[\\/]dist-es[\\/]schemas[\\/]schemas_\d+\.js$/;
const NAME = /^const (_\w+) = ("[^"\\]*");$/gm;
const COMPUTED_KEY = /\[(_\w+)\]:/g;

/**
 * Lets esbuild drop the schemas of operations that are not used, which are most of the EC2 client. They are full of objects with
 * computed keys, `{[_xN]: …}`, where `_xN` is a string constant of the same file; esbuild must assume that computing a key has side
 * effects. With the key's text in its place the object is plainly free of them. What does not look as expected is left as it is: then
 * the bundle grows, and its size test says so.
 */
export const inlineSchemaNames: Plugin = {
  name: "inline-schema-names",
  setup: ({ onLoad }) => {
    onLoad({ filter: SCHEMAS }, async ({ path }) => ({ contents: withPlainKeys(await readFile(path, "utf8")) }));
  },
};

/** Replaces computed keys that are constants of the module by their text. */
export const withPlainKeys = (source: string): string => {
  const names = new Map([...source.matchAll(NAME)].map(([, name, text]) => [name, text]));
  return source.replace(COMPUTED_KEY, (key, name: string) => (names.has(name) ? `${names.get(name)}:` : key));
};
