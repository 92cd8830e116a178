import { build } from "esbuild";

const root = new URL("..", import.meta.url).pathname;

/** Writes `build/forwarder/index.mjs`: all of the forwarder in one file, which is all its image holds besides Node. */
export const bundleForwarder = async (): Promise<void> => {
  await build({
    absWorkingDir: root,
    entryPoints: ["forwarder/main.ts"],
    outfile: "build/forwarder/index.mjs",
    bundle: true,
    minify: true,
    keepNames: true,
    platform: "node",
    target: "node24",
    format: "esm",
    // client-node's dependencies are CommonJS and call `require` at run time.
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  });
};

if (import.meta.main) await bundleForwarder();
