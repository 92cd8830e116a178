/** The empty account to which a stack is deployed: the clock, credentials, gateway, and the services whose resources templates create. */
import { createClock, type VirtualClock } from "../../clock.ts";
import { createDynamoDb } from "../dynamodb/dynamodb.ts";
import { createAccessEntries } from "../eks/access-entries.ts";
import { createPodIdentities } from "../eks/pod-identities.ts";
import { conditionsOf } from "../eventbridge/bus-policies.ts";
import { createEventBridge } from "../eventbridge/event-bridge.ts";
import type { BusFaults } from "../eventbridge/faults.ts";
import { type Credentials, createCredentials } from "../gateway/credentials.ts";
import { type Gateway, startGateway } from "../gateway/gateway.ts";
import { type BusEvent, CloudError, type CloudService, HOME, type Place } from "../gateway/service.ts";
import { createAuthorizer } from "../iam/policy/authorizer.ts";
import { createRoles } from "../iam/policy/roles.ts";
import { createLambda } from "../lambda/lambda.ts";
import { createPermissions } from "../lambda/permissions.ts";
import type { QueueFaults } from "../sqs/faults.ts";
import { createSqs } from "../sqs/sqs.ts";
import { createSts, type StsOptions } from "../sts/sts.ts";
import type { StackServices } from "./resource.ts";

export interface BaseCloudOptions {
  /** See `createClock`. */
  readonly speed: number;
  readonly startAt?: number;
  readonly random: () => number;
  readonly faults?: BusFaults;
  readonly queueFaults?: QueueFaults;
  /** How far DynamoDB's indexes and eventually consistent reads may lag; not at all by default. */
  readonly tableLagMs?: number;
  /** How long EKS access entries have no effect after their creation; they have one at once by default. */
  readonly accessEntryDelayMs?: number;
  /** How long functions may leave a connection to the gateway idle; for ever by default. */
  readonly idleConnectionMs?: number;
  /** How long the next cold start of a function takes; no time by default. */
  readonly coldStartMs?: () => number;
  /** Another account and region; none by default. */
  readonly elsewhere?: Place;
  /** Creates the additional services of a place, which may use the clock and `StackServices`. */
  services(base: { readonly clock: VirtualClock; readonly stackServices: StackServices }): readonly CloudService[];
}

export interface BaseCloud {
  readonly clock: VirtualClock;
  readonly credentials: Credentials;
  readonly services: StackServices;
  /** Those of `elsewhere`, which has no queues, functions and tables of its own. */
  readonly elsewhere: StackServices | undefined;
  readonly gateway: Gateway;
  /** Unexpected errors in the simulator; empty unless it has a bug. */
  crashes(): readonly unknown[];
  stop(): Promise<void>;
}

const createStackServices = (
  clock: VirtualClock,
  credentials: Credentials,
  url: () => string,
  options: BaseCloudOptions,
) => {
  const roles = createRoles();
  const lambda = createLambda({ clock, credentials, endpointUrl: url, coldStartMs: options.coldStartMs });
  const permissions = createPermissions();
  const sqs = createSqs({ clock, baseUrl: url, faults: options.queueFaults, random: options.random });
  const events = createEventBridge({
    clock,
    ...HOME,
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
  const { tableLagMs: maxMs, random } = options;
  const tableLag = maxMs === undefined ? undefined : { clock, random, maxMs };
  return {
    ...HOME,
    sqs,
    events,
    lambda,
    permissions,
    dynamodb: createDynamoDb(tableLag),
    roles,
    authorizer: createAuthorizer(roles),
    accessEntries: createAccessEntries({ now: clock.now, delayMs: options.accessEntryDelayMs ?? 0 }),
    podIdentities: createPodIdentities(),
  };
};

/** Who may do what, and what happens, in another account and region. Its rules send to buses of `home`. */
const createServicesElsewhere = (home: StackServices, place: Place, clock: VirtualClock, options: BaseCloudOptions) => {
  const roles = createRoles(place.account);
  const authorizer = createAuthorizer(roles);
  const bus = (arn: string, event: BusEvent, roleArn = "") => {
    const roleName = roleArn.split("/").at(-1) ?? "";
    roles.assertTrusts(roleName, "events.amazonaws.com", ["sts:AssumeRole"]);
    const principal = { arn: roleArn, roleName, account: place.account };
    const conditions = conditionsOf({ source: event.source, detailType: event["detail-type"] });
    authorizer.for(principal, place.region)("events:PutEvents", [arn], conditions);
    home.events.receive(arn.split("/").at(-1) ?? "", event);
  };
  const missing = () => {
    throw new CloudError("InvalidTarget", "Another account has no queues and functions");
  };
  return {
    ...home,
    ...place,
    roles,
    authorizer,
    events: createEventBridge({
      clock,
      ...place,
      random: options.random,
      faults: options.faults,
      targets: { sqs: missing, lambda: missing, bus },
    }),
    accessEntries: createAccessEntries({ now: clock.now, delayMs: options.accessEntryDelayMs ?? 0 }),
    podIdentities: createPodIdentities(),
  };
};

/** Sessions of the roles of both accounts. */
const assumeIn =
  (credentials: Credentials, places: readonly StackServices[]): StsOptions["assume"] =>
  ({ principal }, arn, sessionName) => {
    const [, , , , account, name = ""] = arn.replace("role/", "").split(":");
    const place = places.find((one) => one.account === account);
    return place?.roles.admits(name, principal) ? credentials.assumeRole(name, sessionName, account) : undefined;
  };

export const startBaseCloud = async (options: BaseCloudOptions): Promise<BaseCloud> => {
  const clock = createClock(options.speed, options.startAt);
  const credentials = createCredentials();
  const crashes: unknown[] = [];
  let gateway: Gateway | undefined;
  const services = createStackServices(clock, credentials, () => gateway?.url ?? "", options);
  const { sqs, events, lambda, dynamodb, authorizer } = services;
  const additional = options.services({ clock, stackServices: services });
  const elsewhere = options.elsewhere && createServicesElsewhere(services, options.elsewhere, clock, options);
  const places = elsewhere ? [services, elsewhere] : [services];
  const sts = createSts({ now: clock.now, assume: assumeIn(credentials, places) });
  gateway = await startGateway({
    clock,
    services: [sqs.service, events.service, dynamodb.service, sts, ...additional],
    elsewhere: elsewhere && [
      { ...elsewhere, services: [elsewhere.events.service, ...options.services({ clock, stackServices: elsewhere })] },
    ],
    credentials,
    authorizer,
    idleConnectionMs: options.idleConnectionMs,
    onCrash: (error) => void crashes.push(error),
  });
  return {
    clock,
    credentials,
    services,
    elsewhere,
    gateway,
    crashes: () => crashes,
    stop: async () => {
      events.stop();
      elsewhere?.events.stop();
      await lambda.stop();
      await gateway.stop();
      clock.stop();
      await dynamodb.stop();
    },
  };
};
