import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { Stratos, type StratosProps } from "./stratos.ts";

/** The stack of `cdk deploy`: Stratos, and the outputs that its guides refer to. */
export class StratosStack extends Stack {
  constructor(scope: Construct, id: string, props: StratosProps, stackProps: StackProps) {
    super(scope, id, stackProps);
    const { functionRoles, forwarderRoles, table } = new Stratos(this, "Stratos", props);
    const output = (name: string, value: string, description: string) =>
      new CfnOutput(this, name, { value, description });
    const starts = "IAM role that starts instances, for the policies of KMS keys of other accounts: function";
    output("DemandRole", functionRoles.demand.roleArn, `${starts} demand`);
    output("PoolRole", functionRoles.pool.roleArn, `${starts} pool`);
    for (const [cluster, { roleArn }] of Object.entries(forwarderRoles))
      output(`ForwarderRoleOf-${cluster}`, roleArn, `IAM role of the forwarder pods of cluster ${cluster}`);
    output("StateTable", table.tableName, "Instance records and work items");
  }
}
