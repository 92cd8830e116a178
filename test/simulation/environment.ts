/** What the code of a function gets at its cold start: clients whose requests are steps, and ports over them. */
import type { IAMClient } from "@aws-sdk/client-iam";
import type { SQSClient } from "@aws-sdk/client-sqs";
import type { SSMClient } from "@aws-sdk/client-ssm";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { REGION } from "../../local/aws/gateway/service.ts";
import { createEc2 } from "../../shared/aws/ec2-client.ts";
import { createNodeClassResources } from "../../shared/aws/node-class-client.ts";
import { createEventRecorder } from "../../shared/kube/events.ts";
import type { ReconcilerKind } from "../../shared/model/events.ts";
import type { Reconcile } from "../../shared/queue/types.ts";
import { createWakeQueue, type WakeQueue } from "../../shared/queue/wake-queue.ts";
import { createWorkTable, type WorkTable } from "../../shared/queue/work-table.ts";
import { createInstanceHealthCache } from "../../shared/reconcilers/caches/instance-health.ts";
import { createZoneCensus } from "../../shared/reconcilers/caches/zone-census.ts";
import { createDemandReconcile } from "../../shared/reconcilers/demand/reconcile.ts";
import { createNodeClassReconcile } from "../../shared/reconcilers/nodeclass/reconcile.ts";
import { createPoolReconcile } from "../../shared/reconcilers/pool/reconcile.ts";
import type { ReconcilerPorts } from "../../shared/reconcilers/ports.ts";
import { createLaunchRequestsTable } from "../../shared/state/launch-requests-table.ts";
import { createPoolItemsTable } from "../../shared/state/pool-items-table.ts";
import { createSlotTable } from "../../shared/state/slots-table.ts";
import { createSpotNoticesTable } from "../../shared/state/spot-notices-table.ts";
import { createUnavailableOfferingsTable } from "../../shared/state/unavailable-offerings-table.ts";
import { createZoneDemandTable } from "../../shared/state/zone-demand-table.ts";
import { anAddress } from "../shared/bootstrap/builders.ts";
import { TABLE } from "../shared/dynamo.ts";
import { documentClientOf, type InMemoryDocuments } from "../shared/in-memory-documents.ts";
import { countingTelemetry } from "../shared/queue/in-memory.ts";
import { executeIam, executeSsm } from "./account.ts";
import type { Bug } from "./bugs.ts";
import type { Process, Service } from "./call.ts";
import type { Calls } from "./calls.ts";
import type { SimulatedClock } from "./clock.ts";
import type { SimulatedEc2 } from "./ec2.ts";
import { CLUSTER, type SimulatedKube } from "./kube.ts";
import { createSimulatedKubeClient } from "./kube-client.ts";
import { type Messaging, QUEUE_URLS } from "./messaging.ts";
import { type Command, clientOf, nameOf } from "./sdk.ts";

export type FunctionName = ReconcilerKind | "ec2-events" | "sweep";

/** What a function's code gets at its cold start. */
export interface Environment {
  readonly process: Process;
  readonly ports: ReconcilerPorts;
  readonly wakeQueue: WakeQueue;
  readonly workTable: WorkTable;
  readonly documents: DynamoDBDocumentClient;
  readonly reconcile: Reconcile;
}

export interface Cloud {
  readonly clock: SimulatedClock;
  readonly ec2: SimulatedEc2;
  readonly kube: SimulatedKube;
  readonly documents: InMemoryDocuments;
  readonly calls: Calls;
  messaging(): Messaging;
}

const detailOf = (input: unknown): string => JSON.stringify(input) ?? "";

/** The clients of one process; each request is a step. */
const createClients = ({ ec2, kube, documents, calls, messaging }: Cloud, process: Process, { tableInput }: Bug) => {
  const unlimited = async () => {};
  const sendTo =
    (service: Exclude<Service, "kube" | "eventbridge">, execute: (command: Command) => unknown) => (command: Command) =>
      calls.run(
        {
          process,
          service,
          operation: nameOf(command),
          detail: () => detailOf(command.input),
        },
        () => execute(command),
      );
  const executeTable = (command: Command): unknown =>
    documents.execute(tableInput ? { constructor: command.constructor, input: tableInput(command) } : command);
  const kubeClient = createSimulatedKubeClient((request) => {
    const detail = () => `${request.path} ${request.body === undefined ? "" : detailOf(request.body)}`;
    return calls.run({ process, service: "kube", operation: request.method, detail }, () => kube.execute(request));
  });
  const ec2Client = clientOf(sendTo("ec2", ec2.execute));
  return {
    kube: async (cluster: string) => {
      if (cluster !== CLUSTER) throw new Error(`${cluster} is not served`);
      return kubeClient;
    },
    ec2: createEc2(ec2Client, unlimited, unlimited),
    resources: createNodeClassResources({
      ec2: ec2Client,
      iam: { send: sendTo("iam", (command) => executeIam(ec2.world.profiles, command)) } as unknown as IAMClient,
      ssm: { send: sendTo("ssm", (command) => executeSsm(ec2.parameters, command)) } as unknown as SSMClient,
    }),
    sqs: { send: sendTo("sqs", messaging().executeSqs) } as unknown as SQSClient,
    documents: documentClientOf(sendTo("dynamodb", executeTable)),
  };
};

/** A cold start. */
export const createEnvironment = (
  cloud: Cloud,
  {
    name,
    process,
    bug = {},
  }: { readonly name: FunctionName; readonly process: Process; readonly bug?: Bug | undefined },
  newId: () => string,
): Environment => {
  const { kube, ec2, sqs, documents, resources } = createClients(cloud, process, bug);
  const telemetry = countingTelemetry();
  const wakeQueue = createWakeQueue(sqs, QUEUE_URLS);
  const correct: ReconcilerPorts = {
    kube,
    address: async () => anAddress({ name: CLUSTER }),
    ec2,
    instanceHealth: createInstanceHealthCache(ec2, telemetry),
    zoneCensus: createZoneCensus(kube, telemetry),
    slots: createSlotTable(documents, TABLE),
    launchRequests: createLaunchRequestsTable(documents, TABLE),
    zoneDemand: createZoneDemandTable(documents, TABLE),
    poolItems: createPoolItemsTable(documents, TABLE),
    unavailableOfferings: createUnavailableOfferingsTable(documents, TABLE),
    spotNotices: createSpotNoticesTable(documents, TABLE),
    wakeQueue,
    telemetry,
    recordEvents: createEventRecorder(),
    newId,
  };
  const place = { clock: cloud.clock, name };
  const ports = { ...correct, ...bug.ports?.(correct, place) };
  const table = createWorkTable(documents, TABLE);
  const workTable = { ...table, ...bug.workTable?.(table) };
  const reconciles: Readonly<Record<string, (ports: ReconcilerPorts) => Reconcile>> = {
    pool: createPoolReconcile,
    demand: createDemandReconcile,
    nodeclass: (changed) =>
      createNodeClassReconcile({
        ...changed,
        resources: { ...resources, ...bug.resources?.(resources) },
        region: REGION,
      }),
  };
  const reconcile = reconciles[name]?.(ports) ?? (async () => ({}));
  return {
    process,
    ports,
    wakeQueue,
    workTable,
    documents,
    reconcile: bug.reconcile?.(reconcile, place) ?? reconcile,
  };
};
