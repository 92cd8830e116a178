/** The empty account a stack is deployed into: clock, identities, front door and those services that templates create resources of. */
import { createClock, type EmbeddedClock } from "../clock.ts";
import { type Credentials, createCredentials } from "../cloud/credentials.ts";
import { createDynamoDb } from "../cloud/dynamodb/dynamodb.ts";
import { createAccessEntries } from "../cloud/eks/access-entries.ts";
import { createPodIdentities } from "../cloud/eks/pod-identities.ts";
import { type Front, startFront } from "../cloud/front.ts";
import { createAuthorizer } from "../cloud/iam/authorizer.ts";
import { createRoles } from "../cloud/iam/roles.ts";
import { ACCOUNT, type CloudService, REGION } from "../cloud/service.ts";
import { createSts } from "../cloud/sts.ts";
import { createEventBridge } from "../events/event-bridge.ts";
import type { BusFaults } from "../events/faults.ts";
import { createLambda } from "../lambda/lambda.ts";
import { createPermissions } from "../lambda/permissions.ts";
import { createSqs } from "../sqs/sqs.ts";
import type { StackServices } from "./resource.ts";

export interface BaseCloudOptions {
  /** See `createClock`. */
  readonly speed: number;
  readonly startAt?: number;
  readonly random: () => number;
  readonly faults?: BusFaults;
  /** Services besides those of `StackServices`, which may want some of them. */
  services(base: { readonly clock: EmbeddedClock; readonly stackServices: StackServices }): readonly CloudService[];
}

export interface BaseCloud {
  readonly clock: EmbeddedClock;
  readonly credentials: Credentials;
  readonly services: StackServices;
  readonly front: Front;
  /** What went wrong in the embedded cloud itself; empty unless it has a bug. */
  crashes(): readonly unknown[];
  stop(): Promise<void>;
}

const createStackServices = (
  clock: EmbeddedClock,
  credentials: Credentials,
  url: () => string,
  options: BaseCloudOptions,
) => {
  const roles = createRoles();
  const lambda = createLambda({ clock, credentials, endpointUrl: url });
  const permissions = createPermissions();
  const sqs = createSqs({ clock, baseUrl: url });
  const events = createEventBridge({
    clock,
    account: ACCOUNT,
    region: REGION,
    random: options.random,
    faults: options.faults,
    targets: {
      sqs: sqs.send,
      lambda: (arn, event, { from }) => {
        permissions.assert(arn, from);
        lambda.invokeLater(arn, event);
      },
    },
  });
  return {
    sqs,
    events,
    lambda,
    permissions,
    dynamodb: createDynamoDb(),
    roles,
    authorizer: createAuthorizer(roles),
    accessEntries: createAccessEntries(),
    podIdentities: createPodIdentities(),
  };
};

export const startBaseCloud = async (options: BaseCloudOptions): Promise<BaseCloud> => {
  const clock = createClock(options.speed, options.startAt);
  const credentials = createCredentials();
  const crashes: unknown[] = [];
  let front: Front | undefined;
  const services = createStackServices(clock, credentials, () => front?.url ?? "", options);
  const { sqs, events, lambda, dynamodb, authorizer } = services;
  const more = options.services({ clock, stackServices: services });
  front = await startFront({
    clock,
    services: [sqs.service, events.service, dynamodb.service, createSts(), ...more],
    credentials,
    authorizer,
    onCrash: (error) => void crashes.push(error),
  });
  return {
    clock,
    credentials,
    services,
    front,
    crashes: () => crashes,
    stop: async () => {
      events.stop();
      await lambda.stop();
      await front.stop();
      clock.stop();
      await dynamodb.stop();
    },
  };
};
