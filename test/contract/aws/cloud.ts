/** The account that the AWS contract suites run in, on any implementation. */
import { EC2Client } from "@aws-sdk/client-ec2";
import { EKSClient } from "@aws-sdk/client-eks";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { IAMClient } from "@aws-sdk/client-iam";
import { SQSClient } from "@aws-sdk/client-sqs";
import { SSMClient } from "@aws-sdk/client-ssm";
import type { Endpoint } from "../endpoint.ts";

export type Implementation = "the simulator" | "moto";

export interface Clients {
  readonly ec2: EC2Client;
  readonly sqs: SQSClient;
  readonly events: EventBridgeClient;
  readonly iam: IAMClient;
  readonly ssm: SSMClient;
  readonly eks: EKSClient;
}

export interface Cloud extends Clients {
  readonly url: string;
  /** Lets this much of the implementation's time pass. */
  pass(ms: number): Promise<void>;
  /** The interval for polling something that takes seconds. */
  readonly lookEveryMs: number;
  /** Waits until events have reached their targets. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

/** What every account must contain before the suites run. */
export const GIVEN = {
  /** The account's own image, for x86_64. */
  image: { name: "my-cluster-node", tags: { "stratos.sh/discovery": "my-cluster" } },
  /** Roles for instances. */
  roles: ["node-role", "other-role"],
  /** An instance profile with the first role. */
  profile: "node-role",
  ownParameter: { name: "/images/ours", value: "ami-0123456789abcdef0" },
  /** An EKS cluster. */
  cluster: "my-cluster",
  /** A public parameter of AWS. moto has none of EKS's and accepts none below /aws/. */
  parameter: "/aws/service/eks/optimized-ami/1.36/amazon-linux-2023/x86_64/standard/recommended/image_id",
} as const;

/** Returns the same cloud each time. */
export type Connect = () => Promise<Cloud>;

/** Queues are addressed at the endpoint, whatever host their URLs name: moto's URLs name AWS's hosts. */
export const createClients = (endpoint: Endpoint): Clients => ({
  ec2: new EC2Client(endpoint),
  sqs: new SQSClient({ ...endpoint, useQueueUrlAsEndpoint: false }),
  events: new EventBridgeClient(endpoint),
  iam: new IAMClient(endpoint),
  ssm: new SSMClient(endpoint),
  eks: new EKSClient(endpoint),
});

export const destroyClients = (clients: Clients): void => {
  for (const client of Object.values(clients)) client.destroy();
};

const MAX_POLLS = 100;

export const until = async (cloud: Cloud, what: string, isTrue: () => Promise<boolean>): Promise<void> => {
  for (let look = 0; look < MAX_POLLS; look += 1) {
    if (await isTrue()) return;
    await cloud.pass(cloud.lookEveryMs);
  }
  throw new Error(`${what}: not after ${MAX_POLLS} polls`);
};
