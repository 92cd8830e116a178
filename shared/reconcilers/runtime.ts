/** What the functions that reconcile share: settings, clients and ports, made once at cold start. */
import { randomUUID } from "node:crypto";
import { type Caller, callerAt, documentClient, ec2Client, eksClient, sqsClient } from "../aws/clients.ts";
import { createEc2 } from "../aws/ec2-client.ts";
import { createClusters } from "../kube/eks.ts";
import { createEventRecorder } from "../kube/events.ts";
import { readSettings } from "../model/environment.ts";
import { clusterOf } from "../model/keys.ts";
import type { Site } from "../model/site.ts";
import type { HandlerPorts } from "../queue/handler.ts";
import type { Reconcile } from "../queue/types.ts";
import { createWakeQueue } from "../queue/wake-queue.ts";
import { createLaunchRequestsTable } from "../state/launch-requests-table.ts";
import { createPoolItemsTable } from "../state/pool-items-table.ts";
import { createSlotTable } from "../state/slots-table.ts";
import { createSpotNoticesTable } from "../state/spot-notices-table.ts";
import { createUnavailableOfferingsTable } from "../state/unavailable-offerings-table.ts";
import { createZoneDemandTable } from "../state/zone-demand-table.ts";
import { createTelemetry } from "../telemetry/telemetry.ts";
import { bySite } from "./by-site.ts";
import { createInstanceHealthCache } from "./caches/instance-health.ts";
import { createZoneCensus } from "./caches/zone-census.ts";
import { countEc2Errors } from "./count-ec2-errors.ts";
import type { ReconcilerPorts } from "./ports.ts";

export interface Runtime {
  readonly sites: readonly Site[];
  /** As whom the function calls at a site. */
  callerAt(site: Site): Caller;
  /** With the clients of one site; all sites share the state. */
  portsAt(site: Site): ReconcilerPorts;
  readonly handler: HandlerPorts;
}

/** `name` is the function's. Throws if the environment is incomplete. */
export const startRuntime = (name: string): Runtime => {
  const { tableName, clusters, sites, queueUrls } = readSettings(process.env);
  const documents = documentClient();
  const wakeQueue = createWakeQueue(sqsClient(), queueUrls);
  const telemetry = createTelemetry(name);
  const shared = {
    slots: createSlotTable(documents, tableName),
    launchRequests: createLaunchRequestsTable(documents, tableName),
    zoneDemand: createZoneDemandTable(documents, tableName),
    poolItems: createPoolItemsTable(documents, tableName),
    unavailableOfferings: createUnavailableOfferingsTable(documents, tableName),
    spotNotices: createSpotNoticesTable(documents, tableName),
    wakeQueue,
    telemetry,
    recordEvents: createEventRecorder(),
    newId: randomUUID,
  };
  return {
    sites,
    callerAt: (site) => callerAt(site, name, process.env),
    portsAt: (site) => {
      const caller = callerAt(site, name, process.env);
      const ec2 = createEc2(ec2Client(countEc2Errors(telemetry), caller));
      const { client: kube, address } = createClusters(eksClient(caller), site.region, site.clusters);
      const caches = {
        instanceHealth: createInstanceHealthCache(ec2, telemetry),
        zoneCensus: createZoneCensus(kube, telemetry),
      };
      return { ...shared, ...caches, kube, address, ec2 };
    },
    handler: { clusters, documents, tableName, wakeQueue, telemetry },
  };
};

/** Reconciles each key with what `create` makes for its cluster's site. */
export const reconcileBySite = (sites: readonly Site[], create: (site: Site) => Reconcile): Reconcile => {
  const reconcileOf = bySite(sites, create);
  return (lease) => reconcileOf(clusterOf(lease.key))(lease);
};
