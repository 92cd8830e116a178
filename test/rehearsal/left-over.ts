/** Lists the resources in an account that a stack may leave behind. */
import { ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { ListEventBusesCommand, ListRulesCommand } from "@aws-sdk/client-eventbridge";
import { ListInstanceProfilesCommand, ListRolesCommand } from "@aws-sdk/client-iam";
import { ListQueuesCommand } from "@aws-sdk/client-sqs";
import type { Account } from "./account.ts";

type Listing = (account: Account) => Promise<readonly unknown[] | null | undefined>;

/** The listing of every kind of resource that the stack or its functions create. */
const LISTINGS: Readonly<Record<string, Listing>> = {
  alarm: ({ cli }) => cli("cloudwatch", "describe-alarms", "--query", "MetricAlarms[].AlarmName"),
  dashboard: ({ cli }) => cli("cloudwatch", "list-dashboards", "--query", "DashboardEntries[].DashboardName"),
  "event bus": async ({ events }) =>
    (await events.send(new ListEventBusesCommand({}))).EventBuses?.map(({ Name }) => Name),
  "event source mapping": ({ cli }) =>
    cli("lambda", "list-event-source-mappings", "--query", "EventSourceMappings[].UUID"),
  function: ({ cli }) => cli("lambda", "list-functions", "--query", "Functions[].FunctionName"),
  "instance profile": async ({ iam }) =>
    (await iam.send(new ListInstanceProfilesCommand({}))).InstanceProfiles?.map((one) => one.InstanceProfileName),
  "log group": ({ cli }) => cli("logs", "describe-log-groups", "--query", "logGroups[].logGroupName"),
  queue: async ({ sqs }) => (await sqs.send(new ListQueuesCommand({}))).QueueUrls,
  role: async ({ iam }) => (await iam.send(new ListRolesCommand({}))).Roles?.map(({ RoleName }) => RoleName),
  rule: async ({ events }) => (await events.send(new ListRulesCommand({}))).Rules?.map(({ Name }) => Name),
  table: async ({ dynamodb }) => (await dynamodb.send(new ListTablesCommand({}))).TableNames,
};

/** All resources as `kind name`, sorted. */
export const takeInventory = async (account: Account): Promise<string[]> => {
  const kinds = Object.entries(LISTINGS).map(async ([kind, list]) =>
    ((await list(account)) ?? []).map((name) => `${kind} ${name}`),
  );
  return (await Promise.all(kinds)).flat().sort();
};
