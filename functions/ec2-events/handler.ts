import { documentClient, sqsClient } from "../../shared/aws/clients.ts";
import { readSettings } from "../../shared/model/environment.ts";
import { instanceOf } from "../../shared/queue/instance-events.ts";
import { createWakeQueue } from "../../shared/queue/wake-queue.ts";
import { findPool } from "../../shared/state/instance-index.ts";
import { createTelemetry } from "../../shared/telemetry/telemetry.ts";

const { tableName, queueUrls } = readSettings(process.env);
const documents = documentClient();
const wakeQueue = createWakeQueue(sqsClient(), queueUrls);
const telemetry = createTelemetry("ec2-events");

/**
 * Wakes the pool of the event's instance. Events of unmanaged instances, the majority in most accounts, are ignored, and those of a forwarder
 * about another cluster's instance.
 */
export const handler = async (event: unknown): Promise<void> => {
  const named = instanceOf(event);
  if (named === undefined) {
    telemetry.recordMetric("unreadableMessages", 1, { Function: "ec2-events" });
    return;
  }
  const poolKey = await findPool(documents, tableName, named.instanceId);
  const isOwn = named.cluster === undefined || named.cluster === poolKey?.cluster;
  if (poolKey && isOwn) await wakeQueue.enqueue("pool", [`${poolKey.cluster}/${poolKey.pool}`]);
  else telemetry.recordMetric("unknownInstances", 1, { Function: "ec2-events" });
};
