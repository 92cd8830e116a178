/** The entry point of the `cdk` command (cdk.json). */
import { bundleFunctions, FUNCTIONS_FOLDER } from "./bundle.ts";
import { createApp } from "./create-app.ts";
import { reportContextError } from "./report-context-error.ts";

await reportContextError(async () => {
  await bundleFunctions();
  createApp(FUNCTIONS_FOLDER).synth();
});
