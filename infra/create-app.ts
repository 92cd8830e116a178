import { App, type AppProps, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { readDeployment } from "./deployment.ts";
import { StratosStack } from "./stack.ts";

/** The CDK's own fields, such as feature flags, have a colon, a slash or a hyphen in their names. */
const isDeployers = ([name]: readonly [string, unknown]): boolean => /^\w+$/.test(name);

/**
 * The CDK app of one deployment, checked against AWS best practices (cdk-nag) on synthesis. `props.context.clusters` lists the clusters
 * that it serves, and options.ts has the others; under the CDK CLI, cdk.json or `-c` supplies the context.
 */
export const createApp = (functionsFolder: string, props: AppProps = {}): App => {
  const app = new App(props);
  const { clusters, ...options } = Object.fromEntries(Object.entries(app.node.getAllContext()).filter(isDeployers));
  const deployment = readDeployment(clusters, options);
  new StratosStack(app, "Stratos", {
    deployment,
    functionsFolder,
    description: "Stratos: warm pools of stopped EC2 instances for Kubernetes",
  });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return app;
};
