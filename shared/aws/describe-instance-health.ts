import { DescribeInstanceStatusCommand, type EC2Client, type Filter, type InstanceStatus } from "@aws-sdk/client-ec2";
import type { InstanceHealth } from "../model/ec2.ts";

/** Source: DescribeInstanceStatus, filter `event.code`. */
const EVENT_CODES = ["instance-reboot", "system-reboot", "system-maintenance", "instance-retirement", "instance-stop"];

/**
 * DescribeInstanceStatus has no tag filter, so this finds all unhealthy instances, unmanaged ones included. One call per filter,
 * because EC2 joins filters with AND.
 */
const FILTERS: readonly Filter[] = [
  { Name: "event.code", Values: EVENT_CODES },
  { Name: "system-status.status", Values: ["impaired"] },
  { Name: "instance-status.status", Values: ["impaired"] },
];

const MAX_PAGES = 20;

const withStatus = async (client: EC2Client, filter: Filter): Promise<InstanceStatus[]> => {
  const found: InstanceStatus[] = [];
  let NextToken: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const command = new DescribeInstanceStatusCommand({ Filters: [filter], MaxResults: 1000, NextToken });
    const answer = await client.send(command);
    found.push(...(answer.InstanceStatuses ?? []));
    NextToken = answer.NextToken;
    if (!NextToken) return found;
  }
  throw new Error(`describing the status of instances: more than ${MAX_PAGES} pages`);
};

/** A broken host fails the instance check too, so the system check comes first. */
const impairedOf = ({ SystemStatus, InstanceStatus }: InstanceStatus): InstanceHealth["impaired"] => {
  const checks = [["system", SystemStatus] as const, ["instance", InstanceStatus] as const];
  const [found] = checks.filter(([, summary]) => summary?.Status === "impaired");
  if (!found) return undefined;
  const [check, summary] = found;
  const times = (summary?.Details ?? []).flatMap(({ ImpairedSince }) => ImpairedSince?.getTime() ?? []);
  return { check, since: times.length > 0 ? Math.min(...times) : Date.now() };
};

/** EC2 lists past events for a week, with a prefix in their description ("Scheduled events", Amazon EC2 User Guide). */
const eventOf = ({ Events = [] }: InstanceStatus): InstanceHealth["event"] => {
  const [first] = Events.filter(({ Description = "" }) => !/^\[(Completed|Canceled)\]/.test(Description))
    .map(({ InstanceEventId = "", Code = "", NotBefore }) => ({
      id: InstanceEventId,
      code: Code,
      notBefore: NotBefore?.getTime() ?? 0,
    }))
    .toSorted((one, other) => one.notBefore - other.notBefore);
  return first;
};

/** All instances of the region that fail a status check or have a pending scheduled event; throws the SDK's errors. */
export const describeInstanceHealth = async (client: EC2Client): Promise<InstanceHealth[]> => {
  const found = (await Promise.all(FILTERS.map((filter) => withStatus(client, filter)))).flat();
  const byId = new Map(found.map((status) => [status.InstanceId ?? "", status]));
  return [...byId].flatMap(([instanceId, status]) => {
    const impaired = impairedOf(status);
    const event = eventOf(status);
    return impaired || event ? [{ instanceId, ...(impaired && { impaired }), ...(event && { event }) }] : [];
  });
};
