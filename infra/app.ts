/** The entry point of the `cdk` command (cdk.json). */
import { bundleFunctions } from "./bundle.ts";
import { createApp } from "./create-app.ts";
import { FUNCTIONS_FOLDER } from "./functions.ts";
import { reportConfigurationError } from "./report-configuration-error.ts";

await reportConfigurationError(async () => {
  await bundleFunctions();
  createApp(FUNCTIONS_FOLDER).synth();
});
