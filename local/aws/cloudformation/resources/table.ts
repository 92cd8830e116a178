import { tableArn } from "../../dynamodb/dynamodb.ts";
import { assertKnown, type CreateResource, physicalName, text } from "../resource.ts";

/** Properties passed to CreateTable unchanged. */
const CREATE_TABLE = [
  "KeySchema",
  "AttributeDefinitions",
  "BillingMode",
  "ProvisionedThroughput",
  "GlobalSecondaryIndexes",
  "LocalSecondaryIndexes",
];

/** Properties that matter in AWS but have no meaning for a table in memory. */
const WITHOUT_EFFECT = [
  "PointInTimeRecoverySpecification",
  "SSESpecification",
  "DeletionProtectionEnabled",
  "ContributorInsightsSpecification",
  "TimeToLiveSpecification",
  "Tags",
];

/** AWS::DynamoDB::Table. Items do not expire by time to live, which AWS too applies only within days. */
export const createTable: CreateResource = async (request, { dynamodb }) => {
  assertKnown(request, ["TableName", ...CREATE_TABLE, ...WITHOUT_EFFECT]);
  const name = text(request, "TableName", physicalName(request));
  const present = CREATE_TABLE.filter((property) => request.properties[property] !== undefined);
  const definition = Object.fromEntries(present.map((property) => [property, request.properties[property]]));
  await dynamodb.createTable({ ...definition, TableName: name });
  return { ref: name, attributes: { Arn: tableArn(name) } };
};
