import { App, type AppProps, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { parseIfText, readDeployment } from "./deployment.ts";
import { StratosStack } from "./stack.ts";
import type { StratosProps } from "./stratos.ts";

const READABLE_CLUSTERS = 10;

/** The CDK's own fields, such as feature flags, have a colon, a slash or a hyphen in their names. */
const isDeployers = ([name]: readonly [string, unknown]): boolean => /^\w+$/.test(name);

/**
 * The CDK app of one deployment, checked against AWS best practices (cdk-nag) on synthesis. `appProps.context.clusters` lists the clusters
 * that it serves, and options.ts has the others; under the CDK CLI, cdk.json or `-c` supplies the context.
 */
export const createApp = (functionsFolder: string, appProps: AppProps = {}): App => {
  const app = new App(appProps);
  const { clusters, ...options } = Object.fromEntries(Object.entries(app.node.getAllContext()).filter(isDeployers));
  const { region, clusters: served, options: read } = readDeployment(clusters, options);
  // The construct validates them again, so their types need no proof here.
  const props = { ...options, clusters: parseIfText(clusters), functionsFolder } as StratosProps;
  new StratosStack(app, "Stratos", props, {
    env: { region },
    // A template has 1 MB at most ("AWS CloudFormation quotas"), which indentation alone would exceed for many clusters.
    suppressTemplateIndentation: served.length > READABLE_CLUSTERS,
    terminationProtection: read.deletionProtection,
    description: "Stratos: warm pools of stopped EC2 instances for Kubernetes",
  });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return app;
};
