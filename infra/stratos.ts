/** What the package exports: `new Stratos(this, "Stratos", { clusters: [{ name: "my-cluster" }] })` in a CDK stack of one's own. */
import { Stack, Token } from "aws-cdk-lib";
import type { ITable } from "aws-cdk-lib/aws-dynamodb";
import type { IEventBus } from "aws-cdk-lib/aws-events";
import type { IRole } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { reject } from "./configuration-fields.ts";
import { notifyOfAlarms } from "./constructs/alarm-topic.ts";
import { raiseFleetAlarms } from "./constructs/alarms.ts";
import { ClusterAccess } from "./constructs/cluster-access.ts";
import { Controllers } from "./constructs/controllers.ts";
import { createDashboard } from "./constructs/dashboard.ts";
import { EventRoutes } from "./constructs/event-routes.ts";
import { createStateTable } from "./constructs/state-table.ts";
import { type ClusterProps, readDeployment } from "./deployment.ts";
import { FUNCTIONS_FOLDER, type FunctionName } from "./functions.ts";
import type { OptionProps } from "./options.ts";

export type { ClusterProps, NetworkProps, Place } from "./deployment.ts";
export type { FunctionName } from "./functions.ts";
export type { OptionProps } from "./options.ts";
export { StratosSite, type StratosSiteProps } from "./stratos-site.ts";

export interface StratosProps extends OptionProps {
  /** The EKS clusters that are served, each with a name of its own. */
  readonly clusters: readonly ClusterProps[];
  /** Contains one folder per function, with its bundle `index.cjs`. Defaults to the bundles of the package. */
  readonly functionsFolder?: string;
}

/**
 * All of Stratos except the forwarders: state, functions, event routes, alarms, dashboards, and the functions' access to the clusters. An account
 * has one in each region, because the event bus is always called `stratos`. Throws an error that names the property, the value found and what is
 * allowed.
 */
export class Stratos extends Construct {
  /** The bus that the forwarders send to. */
  readonly bus: IEventBus;
  /** Instance records and work items; retained when the stack is deleted. */
  readonly table: ITable;
  /** The functions' IAM roles. `demand` and `pool` start instances, so policies of KMS keys of other accounts name these two. */
  readonly functionRoles: Readonly<Record<FunctionName, IRole>>;
  /** The IAM roles of the forwarders' pods, by cluster. */
  readonly forwarderRoles: Readonly<Record<string, IRole>>;

  constructor(scope: Construct, id: string, props: StratosProps) {
    super(scope, id);
    const { clusters: given, functionsFolder = FUNCTIONS_FOLDER, ...rest } = props;
    const { region, account } = Stack.of(this);
    const own = { region: known(region), account: known(account) };
    const deployment = readDeployment(given, { ...rest, ...own });
    assertRegion(own.region, deployment.region);
    const { clusters, options } = deployment;
    const table = createStateTable(this, options);
    const { reconcilers, functions } = new Controllers(this, "Controllers", { deployment, functionsFolder, table });
    const { demand, pool, nodeclass } = reconcilers;

    const { bus } = new EventRoutes(this, "Events", {
      clusters,
      account: deployment.account,
      queues: { demand: demand.queue, pool: pool.queue, nodeclass: nodeclass.queue },
      ec2Events: functions["ec2-events"].function,
      sweep: functions.sweep.function,
    });
    this.functionRoles = {
      demand: functions.demand.role,
      pool: functions.pool.role,
      nodeclass: functions.nodeclass.role,
      "ec2-events": functions["ec2-events"].role,
      sweep: functions.sweep.role,
    };
    const { forwarderRoles } = new ClusterAccess(this, "Clusters", {
      clusters: clusters.filter(({ elsewhere }) => !elsewhere),
      roles: this.functionRoles,
      busArn: bus.eventBusArn,
    });

    raiseFleetAlarms(
      this,
      clusters.map(({ name }) => name),
    );
    if (options.alarms) notifyOfAlarms(this, options.alarms);
    const shown = { reconcilers: Object.values(reconcilers), functions: Object.values(functions) };
    for (const { name } of clusters) createDashboard(this, { cluster: name, ...shown });

    this.bus = bus;
    this.table = table;
    this.forwarderRoles = forwarderRoles;
  }
}

const known = (place: string): string | undefined => (Token.isUnresolved(place) ? undefined : place);

/** The region of all clusters is taken for the deployment's if the stack has none. */
const assertRegion = (own: string | undefined, region: string | undefined): void => {
  if (region !== own) reject("region of the clusters", region, "none, unless the stack has a region in its env");
};
