/** What reconcilers reach the world by. */

import type { Ec2 } from "../aws/ec2.ts";
import type { KubeClient } from "../kube/client.ts";
import type { RecordEvents } from "../kube/events.ts";
import type { ClusterAddress } from "../model/cluster-address.ts";
import type { WakeSender } from "../queue/types.ts";
import type { LaunchRequestsTable } from "../state/launch-requests-table.ts";
import type { PoolItemsTable } from "../state/pool-items-table.ts";
import type { SlotTable } from "../state/slots-table.ts";
import type { SpotNoticesTable } from "../state/spot-notices-table.ts";
import type { UnavailableOfferingsTable } from "../state/unavailable-offerings-table.ts";
import type { ZoneDemandTable } from "../state/zone-demand-table.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { InstanceHealthCache } from "./caches/instance-health.ts";
import type { ZoneCensus } from "./caches/zone-census.ts";

export interface ReconcilerPorts {
  /** The API of a cluster this deployment serves; throws for one that it does not. */
  kube(cluster: string): Promise<KubeClient>;
  /** Where its nodes find the cluster; throws likewise. */
  address(cluster: string): Promise<ClusterAddress>;
  readonly ec2: Ec2;
  /** Instances that EC2 finds something wrong with. */
  readonly instanceHealth: InstanceHealthCache;
  readonly zoneCensus: ZoneCensus;
  readonly slots: SlotTable;
  readonly poolItems: PoolItemsTable;
  readonly unavailableOfferings: UnavailableOfferingsTable;
  readonly launchRequests: LaunchRequestsTable;
  readonly spotNotices: SpotNoticesTable;
  readonly zoneDemand: ZoneDemandTable;
  readonly wakeQueue: WakeSender;
  readonly telemetry: Telemetry;
  readonly recordEvents: RecordEvents;
  /** A fresh id of at most 50 ASCII characters. */
  newId(): string;
}
