/** What the functions that reconcile share: settings, clients and ports, made once at cold start. */
import { randomUUID } from "node:crypto";
import { documentClient, ec2Client, eksClient, sqsClient } from "../aws/clients.ts";
import { createEc2 } from "../aws/ec2-client.ts";
import { createClusters } from "../kube/eks.ts";
import { createEventRecorder } from "../kube/events.ts";
import { readSettings } from "../model/environment.ts";
import type { HandlerPorts } from "../queue/handler.ts";
import { createWakeQueue } from "../queue/wake-queue.ts";
import { createLaunchRequestsTable } from "../state/launch-requests-table.ts";
import { createPoolItemsTable } from "../state/pool-items-table.ts";
import { createSlotTable } from "../state/slots-table.ts";
import { createSpotNoticesTable } from "../state/spot-notices-table.ts";
import { createUnavailableOfferingsTable } from "../state/unavailable-offerings-table.ts";
import { createZoneDemandTable } from "../state/zone-demand-table.ts";
import { createTelemetry } from "../telemetry/telemetry.ts";
import { createInstanceHealthCache } from "./caches/instance-health.ts";
import { createZoneCensus } from "./caches/zone-census.ts";
import { countEc2Errors } from "./count-ec2-errors.ts";
import type { ReconcilerPorts } from "./ports.ts";

/** Throws if the environment is incomplete. */
export const startRuntime = (service: string): { ports: ReconcilerPorts; handler: HandlerPorts } => {
  const { region, tableName, clusters, queueUrls } = readSettings(process.env);
  const documents = documentClient();
  const wakeQueue = createWakeQueue(sqsClient(), queueUrls);
  const telemetry = createTelemetry(service);
  const ec2 = createEc2(ec2Client(countEc2Errors(telemetry)));
  const reach = createClusters(eksClient(), region, clusters);
  return {
    handler: { clusters, documents, tableName, wakeQueue, telemetry },
    ports: {
      kube: reach.client,
      address: reach.address,
      ec2,
      instanceHealth: createInstanceHealthCache(ec2, telemetry),
      zoneCensus: createZoneCensus(reach.client, telemetry),
      slots: createSlotTable(documents, tableName),
      launchRequests: createLaunchRequestsTable(documents, tableName),
      zoneDemand: createZoneDemandTable(documents, tableName),
      poolItems: createPoolItemsTable(documents, tableName),
      unavailableOfferings: createUnavailableOfferingsTable(documents, tableName),
      spotNotices: createSpotNoticesTable(documents, tableName),
      wakeQueue: wakeQueue,
      telemetry,
      recordEvents: createEventRecorder(),
      newId: randomUUID,
    },
  };
};
