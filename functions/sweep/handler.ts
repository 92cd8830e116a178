import { documentClient, ec2Client, eksClient, sqsClient } from "../../shared/aws/clients.ts";
import { createEc2 } from "../../shared/aws/ec2-client.ts";
import { createClusters } from "../../shared/kube/eks.ts";
import { readSettings } from "../../shared/model/environment.ts";
import { createWakeQueue } from "../../shared/queue/wake-queue.ts";
import { createWorkTable } from "../../shared/queue/work-table.ts";
import { countEc2Errors } from "../../shared/reconcilers/count-ec2-errors.ts";
import { sweep } from "../../shared/reconcilers/sweep/sweep.ts";
import { createTelemetry } from "../../shared/telemetry/telemetry.ts";

const { region, tableName, clusters, queueUrls } = readSettings(process.env);

const telemetry = createTelemetry("sweep");

const ports = {
  clusters,
  kube: createClusters(eksClient(), region, clusters).client,
  ec2: createEc2(ec2Client(countEc2Errors(telemetry))),
  table: createWorkTable(documentClient(), tableName),
  wakeQueue: createWakeQueue(sqsClient(), queueUrls),
  telemetry,
};

export const handler = (): Promise<void> => sweep(ports, Date.now());
