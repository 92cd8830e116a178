import { App, type AppProps, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { parseIfText, readDeployment, sitesOf } from "./deployment.ts";
import { SiteStack } from "./site-stack.ts";
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
  const { region, account, clusters: served, options: read } = readDeployment(clusters, options);
  const { region: _, account: __, ...others } = options;
  // The construct validates them again, so their types need no proof here.
  const props = { ...others, clusters: parseIfText(clusters), functionsFolder } as StratosProps;
  new StratosStack(app, "Stratos", props, {
    env: { region, account },
    // A template has 1 MB at most ("AWS CloudFormation quotas"), which indentation alone would exceed for many clusters.
    suppressTemplateIndentation: served.length > READABLE_CLUSTERS,
    terminationProtection: read.deletionProtection,
    description: "Stratos: warm pools of stopped EC2 instances for Kubernetes",
  });
  for (const { clusters: _, ...env } of sitesOf(served)) {
    const home = { region: region ?? "", account: account ?? "" };
    new SiteStack(app, `Stratos-${env.account}-${env.region}`, { clusters: props.clusters, home }, { env });
  }
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return app;
};
