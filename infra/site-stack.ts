import { BootstraplessSynthesizer, CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { StratosSite, type StratosSiteProps } from "./stratos-site.ts";

/** One more stack of `cdk deploy` for each other account and region with clusters; its template can also be deployed by CloudFormation alone. */
export class SiteStack extends Stack {
  constructor(scope: Construct, id: string, props: StratosSiteProps, stackProps: StackProps) {
    super(scope, id, {
      ...stackProps,
      synthesizer: new BootstraplessSynthesizer(),
      description: `Stratos: access to clusters for the deployment in ${props.home.account}, ${props.home.region}`,
    });
    const { forwarderRoles } = new StratosSite(this, "Site", props);
    for (const [cluster, { roleArn }] of Object.entries(forwarderRoles)) {
      const description = `IAM role of the forwarder pods of cluster ${cluster}`;
      new CfnOutput(this, `ForwarderRoleOf-${cluster}`, { value: roleArn, description });
    }
  }
}
