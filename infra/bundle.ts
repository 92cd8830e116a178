/** Bundles each Lambda function into one module, `<name>/index.cjs`. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { build, type Metafile } from "esbuild";
import { FUNCTION_NAMES, FUNCTIONS_FOLDER, ROOT } from "./functions.ts";
import { inlineSchemaNames } from "./inline-schema-names.ts";

export interface Bundle {
  readonly name: string;
  /** Absolute path of the module. */
  readonly file: string;
  readonly bytes: number;
  /** esbuild's analysis of the bundle's contents. */
  readonly metafile: Metafile;
}

/** Bundles all functions into the folder, in parallel. If one does not build, throws esbuild's error, which names file and line. */
export const bundleFunctions = async (folder = FUNCTIONS_FOLDER): Promise<Bundle[]> => {
  // The whole folder is deployed: Lambda would prefer what an older build left there under another extension.
  await rm(folder, { recursive: true, force: true });
  return Promise.all(
    FUNCTION_NAMES.map((name) =>
      bundleFunction(name, join(ROOT, `functions/${name}/handler.ts`), join(folder, name, "index.cjs")),
    ),
  );
};

/** Bundles the module `entryPoint`, an absolute path, and all its imports into `file`. */
export const bundleFunction = async (name: string, entryPoint: string, file: string): Promise<Bundle> => {
  const { metafile } = await build({
    entryPoints: [entryPoint],
    outfile: file,
    bundle: true,
    minify: true,
    metafile: true,
    platform: "node",
    target: "node24",
    // Node loads undici for an ES import of node:http, because that names it; a cold start would pay for it.
    format: "cjs",
    supported: { "dynamic-import": false },
    mainFields: ["module", "main"],
    legalComments: "none",
    plugins: [inlineSchemaNames],
    absWorkingDir: ROOT,
    logLevel: "error",
  });
  const [output] = Object.values(metafile.outputs);
  if (!output) throw new Error(`bundling ${name}: esbuild wrote nothing to ${file}`);
  return { name, file, bytes: output.bytes, metafile };
};
