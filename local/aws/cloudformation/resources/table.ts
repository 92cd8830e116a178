import { tableArn } from "../../dynamodb/dynamodb.ts";
import { assertKnown, type CreateResource, physicalName, text } from "../resource.ts";

/** What CreateTable takes as it stands in the template. */
const CREATE_TABLE = [
  "KeySchema",
  "AttributeDefinitions",
  "BillingMode",
  "ProvisionedThroughput",
  "GlobalSecondaryIndexes",
  "LocalSecondaryIndexes",
];

/** What protects a table in AWS and means nothing to one in memory. */
const WITHOUT_EFFECT = [
  "PointInTimeRecoverySpecification",
  "SSESpecification",
  "DeletionProtectionEnabled",
  "ContributorInsightsSpecification",
  "TimeToLiveSpecification",
  "Tags",
];

/** AWS::DynamoDB::Table. Items are not deleted by their time to live, which AWS does only within days either. */
export const createTable: CreateResource = async (request, { dynamodb }) => {
  assertKnown(request, ["TableName", ...CREATE_TABLE, ...WITHOUT_EFFECT]);
  const name = text(request, "TableName", physicalName(request));
  const given = CREATE_TABLE.filter((property) => request.properties[property] !== undefined);
  const definition = Object.fromEntries(given.map((property) => [property, request.properties[property]]));
  await dynamodb.createTable({ ...definition, TableName: name });
  return { ref: name, attributes: { Arn: tableArn(name) } };
};
