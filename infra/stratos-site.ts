import { Stack } from "aws-cdk-lib";
import { type IRuleTarget, Rule } from "aws-cdk-lib/aws-events";
import {
  AccountPrincipal,
  type IRole,
  PolicyDocument,
  PolicyStatement,
  Role,
  ServicePrincipal,
} from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { functionRoleName, partitionOf, siteRoleName } from "../shared/model/site.ts";
import { reject } from "./configuration-fields.ts";
import { ClusterAccess } from "./constructs/cluster-access.ts";
import { EC2_EVENTS, EC2_SOURCE } from "./constructs/ec2-events.ts";
import { BUS_NAME } from "./constructs/event-routes.ts";
import { type ClusterProps, type Place, readDeployment, sitesOf } from "./deployment.ts";
import { KUBERNETES_FUNCTION_NAMES, type KubernetesFunctionName } from "./functions.ts";
import { allow, limitPolicies } from "./permissions/allow.ts";
import { sitePermissions } from "./permissions/by-function.ts";

export interface StratosSiteProps {
  /** The clusters of the deployment; those of the stack's account and region get access. */
  readonly clusters: readonly ClusterProps[];
  /** Where the deployment is. */
  readonly home: Place;
}

/**
 * What a deployment needs in another account or region to serve clusters there: roles that its functions assume, access to the clusters, a role for each
 * forwarder, and EC2's events, sent to the deployment's bus. Its stack has account and region in `env`. Without assets, so that CloudFormation can
 * deploy the template where no CDK is.
 */
export class StratosSite extends Construct {
  /** The IAM roles of the forwarders' pods, by cluster. */
  readonly forwarderRoles: Readonly<Record<string, IRole>>;

  constructor(scope: Construct, id: string, { clusters: given, home }: StratosSiteProps) {
    super(scope, id);
    const { account, region } = Stack.of(this);
    const clusters = sitesOf(readDeployment(given, { ...home }).clusters)
      .filter((site) => site.account === account && site.region === region)
      .flatMap((site) => site.clusters);
    if (clusters.length === 0)
      reject(
        "clusters",
        given,
        `some in account ${account} and region ${region}, the stack's env, and not the deployment's own`,
      );

    const role = (name: KubernetesFunctionName) => this.createRole(name, home);
    const roles = { demand: role("demand"), pool: role("pool"), nodeclass: role("nodeclass"), sweep: role("sweep") };
    for (const name of KUBERNETES_FUNCTION_NAMES) {
      allow(roles[name], sitePermissions(clusters)[name]);
      limitPolicies(roles[name], name);
    }
    const busArn = `arn:${partitionOf(home.region)}:events:${home.region}:${home.account}:event-bus/${BUS_NAME}`;
    this.forwarderRoles = new ClusterAccess(this, "Clusters", { clusters, roles, busArn }).forwarderRoles;
    this.forwardEvents(busArn);
  }

  /** Only the deployment's function of that name can assume it. */
  private createRole(name: KubernetesFunctionName, home: Place): Role {
    const own = `arn:${partitionOf(home.region)}:iam::${home.account}:role/${functionRoleName(name, home.region)}`;
    return new Role(this, `Role-${name}`, {
      roleName: siteRoleName(name, home.region, Stack.of(this).region),
      // Not the role itself as principal: it would have to exist, and to be still the same.
      assumedBy: new AccountPrincipal(home.account).withConditions({ ArnEquals: { "aws:PrincipalArn": own } }),
      description: `Permissions of the Stratos function ${name} at this site`,
    });
  }

  /** A lost event only delays: the deployment's sweep looks at every instance. */
  private forwardEvents(busArn: string): void {
    const sendEvents = new PolicyStatement({
      sid: "SendEc2Events",
      actions: ["events:PutEvents"],
      resources: [busArn],
      conditions: { StringEquals: { "events:source": EC2_SOURCE } },
    });
    const role = new Role(this, "EventsRole", {
      assumedBy: new ServicePrincipal("events.amazonaws.com"),
      description: "Sends EC2's events to the bus of Stratos",
      inlinePolicies: { SendEc2Events: new PolicyDocument({ statements: [sendEvents] }) },
    });
    const target: IRuleTarget = { bind: () => ({ arn: busArn, role }) };
    for (const [id, eventPattern] of Object.entries(EC2_EVENTS))
      new Rule(this, id, { eventPattern, targets: [target] });
  }
}
