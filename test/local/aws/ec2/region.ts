/** A simulated EC2 with the default resources, called by the real SDK over HTTP, in virtual time. */
import { EC2Client, type RunInstancesCommandInput } from "@aws-sdk/client-ec2";
import { IAMClient } from "@aws-sdk/client-iam";
import { SSMClient } from "@aws-sdk/client-ssm";
import { onTestFinished } from "vitest";
import { createEc2 } from "../../../../local/aws/ec2/ec2.ts";
import type { Ec2Profile } from "../../../../local/aws/ec2/profile.ts";
import { seedDefaults } from "../../../../local/aws/ec2/seed-defaults.ts";
import type { Ec2Event } from "../../../../local/aws/ec2/world.ts";
import { ACCOUNT, REGION } from "../../../../local/aws/gateway/service.ts";
import { createIam } from "../../../../local/aws/iam/iam.ts";
import { createInstanceProfiles } from "../../../../local/aws/iam/instance-profiles.ts";
import { createParameters } from "../../../../local/aws/ssm/parameters.ts";
import { createSsm } from "../../../../local/aws/ssm/ssm.ts";
import { createClock } from "../../../../local/clock.ts";
import { type PermissionCheck, startTestGateway } from "../gateway.ts";

export const SUBNET = { a: "subnet-12345678", b: "subnet-23456789", c: "subnet-34567890" } as const;

/** A launch like Stratos's. */
export const aLaunch = (overrides: Partial<RunInstancesCommandInput> = {}): RunInstancesCommandInput => ({
  ImageId: "ami-0123456789abcdef0",
  InstanceType: "m5.large",
  MinCount: 1,
  MaxCount: 1,
  SubnetId: SUBNET.a,
  SecurityGroupIds: ["sg-12345678"],
  ...overrides,
});

interface Options extends Ec2Profile {
  readonly deny?: (check: PermissionCheck) => boolean;
  /** 0 by default, so that only tests of eventual consistency depend on it. */
  readonly invisibleMs?: number;
}

/** Stops automatically when the test ends. */
export const aRegion = async ({ deny, invisibleMs = 0, ...profile }: Options = {}) => {
  const clock = createClock(Number.POSITIVE_INFINITY);
  const events: Ec2Event[] = [];
  const profiles = createInstanceProfiles({ account: ACCOUNT, now: clock.now });
  const parameters = createParameters(clock.now);
  let seed = 1;
  const random = () => {
    seed = (seed * 48271) % 2147483647;
    return seed / 2147483647;
  };
  const emit = (event: Ec2Event) => void events.push(event);
  const ec2 = createEc2({
    ...profile,
    clock,
    random,
    emit,
    account: ACCOUNT,
    region: REGION,
    profiles,
    invisibleMs,
  });
  seedDefaults(ec2.world, parameters);
  const services = [
    ec2.service,
    createIam(profiles),
    createSsm({ parameters, account: ACCOUNT, region: REGION, now: clock.now }),
  ];
  const gateway = await startTestGateway({ clock, services, deny });
  const client = new EC2Client(gateway.client);
  const iam = new IAMClient(gateway.client);
  const ssm = new SSMClient(gateway.client);
  onTestFinished(async () => {
    for (const sdk of [client, iam, ssm]) sdk.destroy();
    await gateway.stop();
    clock.stop();
  });
  return { clock, ec2, events, client, iam, ssm, gateway };
};

export type Region = Awaited<ReturnType<typeof aRegion>>;
