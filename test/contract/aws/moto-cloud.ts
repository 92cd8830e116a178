import { setTimeout as sleep } from "node:timers/promises";
import { CreateImageCommand, CreateTagsCommand, RunInstancesCommand } from "@aws-sdk/client-ec2";
import { CreateRoleCommand } from "@aws-sdk/client-iam";
import { startMoto } from "../moto.ts";
import { type Clients, type Cloud, createClients, destroyClients, GIVEN } from "./cloud.ts";

const toTags = (tags: Readonly<Record<string, string>>) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/** Fills the account with what the simulator has from its start; parameters below /aws/ moto lets nobody put. */
const prepare = async ({ ec2, iam }: Clients): Promise<void> => {
  const { Instances } = await ec2.send(new RunInstancesCommand({ ImageId: "ami-03cf127a", MinCount: 1, MaxCount: 1 }));
  const InstanceId = Instances?.[0]?.InstanceId;
  const { ImageId = "" } = await ec2.send(new CreateImageCommand({ InstanceId, Name: GIVEN.image.name }));
  await ec2.send(new CreateTagsCommand({ Resources: [ImageId], Tags: toTags(GIVEN.image.tags) }));
  for (const RoleName of GIVEN.roles) {
    await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: "{}" }));
  }
};

/** moto's time is the real one, and it delivers events before it answers who sent them. */
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
    pass: (ms) => sleep(ms),
    settle: async () => {},
    stop: async () => {
      destroyClients(clients);
      await moto.stop();
    },
  };
};
