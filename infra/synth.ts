/** `npm run synth`: bundles the functions and writes the template to cdk.out, without the CDK CLI, an account or a network. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { bundleFunctions } from "./bundle.ts";
import { createApp } from "./create-app.ts";
import { FUNCTIONS_FOLDER, ROOT } from "./functions.ts";
import { reportConfigurationError } from "./report-configuration-error.ts";

export const ASSEMBLY_FOLDER = join(ROOT, "cdk.out");

/** Bundles and synthesizes with the context in cdk.json, and that given. Resolves to the folder of the cloud assembly. */
export const synthesize = async (given: Readonly<Record<string, unknown>> = {}): Promise<string> => {
  const [{ context }] = await Promise.all([readCdkJson(), bundleFunctions()]);
  createApp(FUNCTIONS_FOLDER, { outdir: ASSEMBLY_FOLDER, context: { ...context, ...given, ...ASSET_PATHS } }).synth();
  return ASSEMBLY_FOLDER;
};

/** Adds each function's bundle path to the template, as the CDK CLI does: the local environment reads it. */
const ASSET_PATHS = { "aws:cdk:enable-asset-metadata": true };

const readCdkJson = async (): Promise<{ context: Record<string, unknown> }> =>
  JSON.parse(await readFile(join(ROOT, "cdk.json"), "utf8"));

if (import.meta.main) await reportConfigurationError(async () => console.log(`synthesized ${await synthesize()}`));
