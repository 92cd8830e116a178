/** The entry point of the `cdk` command (cdk.json). */
import { bundleFunctions, FUNCTIONS_FOLDER } from "./bundle.ts";
import { createApp } from "./create-app.ts";

await bundleFunctions();
createApp(FUNCTIONS_FOLDER).synth();
