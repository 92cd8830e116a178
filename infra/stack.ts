import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { notifyOfAlarms } from "./constructs/alarm-topic.ts";
import { raiseFleetAlarms } from "./constructs/alarms.ts";
import { ClusterAccess } from "./constructs/cluster-access.ts";
import { Controllers } from "./constructs/controllers.ts";
import { createDashboard } from "./constructs/dashboard.ts";
import { EventRoutes } from "./constructs/event-routes.ts";
import { createStateTable } from "./constructs/state-table.ts";
import type { Deployment } from "./deployment.ts";

export interface StratosStackProps extends StackProps {
  readonly deployment: Deployment;
  /** Contains one folder per function, with its bundle `index.cjs`. */
  readonly functionsFolder: string;
}

/** All of Stratos except the forwarders: state, functions, event routes, and the functions' access to the clusters. */
export class StratosStack extends Stack {
  constructor(scope: Construct, id: string, { deployment, functionsFolder, ...props }: StratosStackProps) {
    const { clusters, options, region } = deployment;
    super(scope, id, { ...props, env: { region }, terminationProtection: options.deletionProtection });
    const table = createStateTable(this, options);
    const { reconcilers, functions } = new Controllers(this, "Controllers", { deployment, functionsFolder, table });
    const { demand, pool, nodeclass } = reconcilers;

    const { bus } = new EventRoutes(this, "Events", {
      clusters,
      queues: { demand: demand.queue, pool: pool.queue, nodeclass: nodeclass.queue },
      ec2Events: functions["ec2-events"].function,
      sweep: functions.sweep.function,
    });
    new ClusterAccess(this, "Clusters", { clusters, functions, bus });

    raiseFleetAlarms(
      this,
      clusters.map(({ name }) => name),
    );
    if (options.alarms) notifyOfAlarms(this, options.alarms);
    const shown = { reconcilers: Object.values(reconcilers), functions: Object.values(functions) };
    for (const { name } of clusters) createDashboard(this, { cluster: name, ...shown });
    for (const [name, { role }] of Object.entries({ Demand: functions.demand, Pool: functions.pool })) {
      const description = `IAM role that starts instances, for the policies of KMS keys of other accounts: function ${name.toLowerCase()}`;
      new CfnOutput(this, `${name}Role`, { value: role.roleArn, description });
    }
    new CfnOutput(this, "StateTable", { value: table.tableName, description: "Instance records and work items" });
  }
}
