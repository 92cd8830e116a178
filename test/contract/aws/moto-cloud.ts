import { setTimeout as sleep } from "node:timers/promises";
import { CreateImageCommand, CreateTagsCommand, DescribeImagesCommand, RunInstancesCommand } from "@aws-sdk/client-ec2";
import { CreateClusterCommand } from "@aws-sdk/client-eks";
import { AddRoleToInstanceProfileCommand, CreateInstanceProfileCommand, CreateRoleCommand } from "@aws-sdk/client-iam";
import { PutParameterCommand } from "@aws-sdk/client-ssm";
import { startMoto } from "../moto.ts";
import { type Clients, type Cloud, createClients, destroyClients, GIVEN } from "./cloud.ts";

const toTags = (tags: Readonly<Record<string, string>>) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/** Creates what the simulated account contains from the start. */
const prepare = async ({ ec2, iam, ssm, eks }: Clients): Promise<void> => {
  const linux = [
    { Name: "name", Values: ["amzn2-ami-*"] },
    { Name: "architecture", Values: ["x86_64"] },
  ];
  const { Images } = await ec2.send(new DescribeImagesCommand({ Owners: ["amazon"], Filters: linux }));
  const base = { ImageId: Images?.[0]?.ImageId, MinCount: 1, MaxCount: 1 };
  const { Instances } = await ec2.send(new RunInstancesCommand(base));
  const InstanceId = Instances?.[0]?.InstanceId;
  const { ImageId = "" } = await ec2.send(new CreateImageCommand({ InstanceId, Name: GIVEN.image.name }));
  await ec2.send(new CreateTagsCommand({ Resources: [ImageId], Tags: toTags(GIVEN.image.tags) }));
  for (const RoleName of GIVEN.roles) {
    await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: "{}" }));
  }
  const { profile: InstanceProfileName, roles } = GIVEN;
  await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName }));
  await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName: roles[0] }));
  const { name: Name, value: Value } = GIVEN.ownParameter;
  await ssm.send(new PutParameterCommand({ Name, Value, Type: "String" }));
  const roleArn = "arn:aws:iam::123456789012:role/cluster-role";
  await eks.send(new CreateClusterCommand({ name: GIVEN.cluster, roleArn, resourcesVpcConfig: {} }));
};

/** moto runs in real time and delivers events before it answers PutEvents. */
export const startMotoCloud = async (): Promise<Cloud> => {
  const moto = await startMoto();
  const clients = createClients(moto.client);
  try {
    await prepare(clients);
  } catch (error) {
    await moto.stop();
    throw error;
  }
  return {
    ...clients,
    url: moto.client.endpoint,
    pass: (ms) => sleep(ms),
    lookEveryMs: 200,
    settle: async () => {},
    stop: async () => {
      destroyClients(clients);
      await moto.stop();
    },
  };
};
