import { App, type AppProps, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { readDeployment } from "./deployment.ts";
import { OPTION_NAMES } from "./options.ts";
import { StratosStack } from "./stack.ts";

/**
 * The CDK app of one deployment, checked against AWS best practices (cdk-nag) on synthesis. `props.context.clusters` lists the clusters
 * that it serves, and options.ts has the others; under the CDK CLI, cdk.json or `-c` supplies the context.
 */
export const createApp = (functionsFolder: string, props: AppProps = {}): App => {
  const app = new App(props);
  const options = Object.fromEntries(OPTION_NAMES.map((name) => [name, app.node.tryGetContext(name)]));
  const deployment = readDeployment(app.node.tryGetContext("clusters"), options);
  new StratosStack(app, "Stratos", {
    deployment,
    functionsFolder,
    description: "Stratos: warm pools of stopped EC2 instances for Kubernetes",
  });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return app;
};
