import { RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, BillingMode, ProjectionType, Table } from "aws-cdk-lib/aws-dynamodb";
import type { Construct } from "constructs";
import { INSTANCE_INDEX } from "../../shared/model/keys.ts";
import type { Options } from "../options.ts";

/**
 * Instance records and work items. The table is retained when the stack is deleted: the functions can rebuild it from tags and nodes,
 * but only while they run.
 */
export const createStateTable = (
  scope: Construct,
  { deletionProtection }: Pick<Options, "deletionProtection">,
): Table => {
  const table = new Table(scope, "State", {
    partitionKey: { name: "pk", type: AttributeType.STRING },
    sortKey: { name: "sk", type: AttributeType.STRING },
    billingMode: BillingMode.PAY_PER_REQUEST,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    removalPolicy: RemovalPolicy.RETAIN,
    deletionProtection,
  });
  table.addGlobalSecondaryIndex({
    indexName: INSTANCE_INDEX,
    partitionKey: { name: "instanceId", type: AttributeType.STRING },
    projectionType: ProjectionType.ALL,
  });
  return table;
};
