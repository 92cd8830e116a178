import { documentClient, sqsClient } from "../../shared/aws/clients.ts";
import { readSettings } from "../../shared/model/environment.ts";
import { createWakeQueue } from "../../shared/queue/wake-queue.ts";
import { type InstanceEventPorts, onInstanceEvent } from "../../shared/reconcilers/on-instance-event.ts";
import { findPool } from "../../shared/state/instance-index.ts";
import { createSpotNoticesTable } from "../../shared/state/spot-notices-table.ts";
import { createTelemetry } from "../../shared/telemetry/telemetry.ts";

const { tableName, queueUrls } = readSettings(process.env);
const documents = documentClient();
const ports: InstanceEventPorts = {
  findPool: (instanceId) => findPool(documents, tableName, instanceId),
  spotNotices: createSpotNoticesTable(documents, tableName),
  wakeQueue: createWakeQueue(sqsClient(), queueUrls),
  telemetry: createTelemetry("ec2-events"),
};

export const handler = (event: unknown): Promise<void> => onInstanceEvent(ports, event, Date.now());
