/** Steps shared by many tests. */
import { DescribeInstancesCommand, RunInstancesCommand, StopInstancesCommand } from "@aws-sdk/client-ec2";
import { aLaunch, type Region } from "./region.ts";

/** Launches instances and returns their ids in the order of their launch index. */
export const launch = async ({ client }: Region, overrides = {}): Promise<string[]> => {
  const { Instances = [] } = await client.send(new RunInstancesCommand(aLaunch(overrides)));
  return Instances.map(({ InstanceId = "" }) => InstanceId);
};

export const describeOne = async ({ client }: Region, id: string) => {
  const { Reservations = [] } = await client.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  return Reservations[0]?.Instances?.[0];
};

export const stateOf = async (region: Region, id: string) => (await describeOne(region, id))?.State?.Name;

/** Returns the ids of the instances that match the filters. */
export const find = async (
  { client }: Region,
  filters: Readonly<Record<string, readonly string[]>>,
): Promise<string[]> => {
  const Filters = Object.entries(filters).map(([Name, values]) => ({ Name, Values: [...values] }));
  const { Reservations = [] } = await client.send(new DescribeInstancesCommand({ Filters }));
  return Reservations.flatMap(({ Instances = [] }) => Instances.map(({ InstanceId = "" }) => InstanceId));
};

export const runningInstances = async (region: Region, overrides = {}): Promise<string[]> => {
  const ids = await launch(region, overrides);
  await region.clock.sleep(20_000);
  return ids;
};

export const stoppedInstances = async (region: Region, overrides = {}): Promise<string[]> => {
  const ids = await runningInstances(region, overrides);
  await region.client.send(new StopInstancesCommand({ InstanceIds: ids }));
  await region.clock.sleep(31_000);
  return ids;
};
