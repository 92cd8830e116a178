/** Launches instances for the suites, in the network that the account has. */
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
  /** In at least two zones. */
  readonly subnets: readonly Subnet[];
  /** The parameters of a launch of one instance in the first subnet, with overrides. */
  request(changes?: Launch): RunInstancesCommandInput;
  /** Launches and waits until the instances are visible and running. */
  running(changes?: Launch): Promise<string[]>;
  describe(ids: readonly string[]): Promise<Instance[]>;
  untilAll(ids: readonly string[], state: string): Promise<void>;
  /** Terminates all instances of this launcher. */
  release(): Promise<void>;
}

export const createLauncher = async (cloud: Cloud): Promise<Launcher> => {
  const { ec2 } = cloud;
  const { Images = [] } = await ec2.send(new DescribeImagesCommand({ Owners: ["self"] }));
  const imageId = Images.find(({ Name }) => Name === GIVEN.image.name)?.ImageId ?? "";
  const { Subnets: subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  const launched: string[] = [];

  /** Uses a filter, which omits instances that are not visible yet. */
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
