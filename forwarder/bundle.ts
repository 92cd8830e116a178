import { build } from "esbuild";

const root = new URL("..", import.meta.url).pathname;

/** Writes `build/forwarder/index.mjs` and resolves to its path: the whole forwarder in one file, the only file in its image besides Node. */
export const bundleForwarder = async (): Promise<string> => {
  const outfile = `${root}build/forwarder/index.mjs`;
  await build({
    absWorkingDir: root,
    entryPoints: ["forwarder/main.ts"],
    outfile,
    bundle: true,
    minify: true,
    keepNames: true,
    platform: "node",
    target: "node24",
    format: "esm",
    // The dependencies of client-node are CommonJS and call `require` at run time.
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  });
  return outfile;
};

if (import.meta.main) await bundleForwarder();
