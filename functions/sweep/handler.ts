import { callerAt, documentClient, ec2Client, eksClient, sqsClient } from "../../shared/aws/clients.ts";
import { createEc2 } from "../../shared/aws/ec2-client.ts";
import { createClusters } from "../../shared/kube/eks.ts";
import { readSettings } from "../../shared/model/environment.ts";
import { createWakeQueue } from "../../shared/queue/wake-queue.ts";
import { createWorkTable } from "../../shared/queue/work-table.ts";
import { bySite } from "../../shared/reconcilers/by-site.ts";
import { countEc2Errors } from "../../shared/reconcilers/count-ec2-errors.ts";
import { sweep } from "../../shared/reconcilers/sweep/sweep.ts";
import { createTelemetry } from "../../shared/telemetry/telemetry.ts";

const { tableName, clusters, sites, queueUrls } = readSettings(process.env);

const telemetry = createTelemetry("sweep");
const at = bySite(sites, (site) => {
  const caller = callerAt(site, "sweep", process.env);
  return {
    kube: createClusters(eksClient(caller), site.region, site.clusters).client,
    ec2: createEc2(ec2Client(countEc2Errors(telemetry), caller)),
  };
});

const ports = {
  clusters,
  kube: (cluster: string) => at(cluster).kube(cluster),
  ec2: (cluster: string) => at(cluster).ec2,
  table: createWorkTable(documentClient(), tableName),
  wakeQueue: createWakeQueue(sqsClient(), queueUrls),
  telemetry,
};

export const handler = (): Promise<void> => sweep(ports, Date.now());
