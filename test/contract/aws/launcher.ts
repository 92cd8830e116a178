/** Launches for the suites, in whatever network the account has. */
import {
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeSubnetsCommand,
  type Instance,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  type Subnet,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { type Cloud, GIVEN, until } from "./cloud.ts";

export type Launch = Partial<RunInstancesCommandInput>;

export interface Launcher {
  readonly cloud: Cloud;
  readonly imageId: string;
  /** In two zones at least. */
  readonly subnets: readonly Subnet[];
  /** What a launch of one instance in the first subnet takes, with changes. */
  request(changes?: Launch): RunInstancesCommandInput;
  /** Launches and waits until the instances can be seen and run. */
  running(changes?: Launch): Promise<string[]>;
  describe(ids: readonly string[]): Promise<Instance[]>;
  untilAll(ids: readonly string[], state: string): Promise<void>;
  /** Ends all instances that were launched by this. */
  release(): Promise<void>;
}

export const createLauncher = async (cloud: Cloud): Promise<Launcher> => {
  const { ec2 } = cloud;
  const { Images = [] } = await ec2.send(new DescribeImagesCommand({ Owners: ["self"] }));
  const imageId = Images.find(({ Name }) => Name === GIVEN.image.name)?.ImageId ?? "";
  const { Subnets: subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  const launched: string[] = [];

  /** By a filter, which leaves out what cannot be seen yet. */
  const describe = async (ids: readonly string[]): Promise<Instance[]> => {
    const Filters = [{ Name: "instance-id", Values: [...ids] }];
    const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ Filters }));
    const found = Reservations.flatMap(({ Instances = [] }) => Instances);
    return ids.flatMap((id) => found.find(({ InstanceId }) => InstanceId === id) ?? []);
  };

  const untilAll = (ids: readonly string[], state: string) =>
    until(cloud, `${ids.join(", ")} ${state}`, async () => {
      const instances = await describe(ids);
      return instances.length === ids.length && instances.every(({ State }) => State?.Name === state);
    });

  const request = (changes: Launch = {}): RunInstancesCommandInput => ({
    ImageId: imageId,
    InstanceType: "m5.large",
    SubnetId: subnets[0]?.SubnetId,
    MinCount: 1,
    MaxCount: 1,
    ...changes,
  });

  return {
    cloud,
    imageId,
    subnets,
    request,
    describe,
    untilAll,
    running: async (changes) => {
      const { Instances = [] } = await ec2.send(new RunInstancesCommand(request(changes)));
      const ids = Instances.map(({ InstanceId = "" }) => InstanceId);
      launched.push(...ids);
      await untilAll(ids, "running");
      return ids;
    },
    release: async () => {
      if (launched.length > 0) await ec2.send(new TerminateInstancesCommand({ InstanceIds: launched.splice(0) }));
    },
  };
};
