/** What reconcilers reach the world by. */
import type { Ec2 } from "../aws/ec2.ts";
import type { TroubleWatch } from "../aws/trouble-watch.ts";
import type { KubeClient } from "../kube/client.ts";
import type { ClusterAddress } from "../kube/eks.ts";
import type { RecordEvents } from "../kube/events.ts";
import type { ZoneCensus } from "../kube/zone-census.ts";
import type { Waker } from "../queue/types.ts";
import type { CapacityMarkTable } from "../state/capacity-marks.ts";
import type { RequestTable } from "../state/requests.ts";
import type { SlotTable } from "../state/slots.ts";
import type { ZoneDemandTable } from "../state/zone-demands.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";

export interface ReconcilerPorts {
  /** The API of a cluster this deployment serves; throws for one that it does not. */
  kube(cluster: string): Promise<KubeClient>;
  /** Where its nodes find the cluster; throws likewise. */
  address(cluster: string): Promise<ClusterAddress>;
  readonly ec2: Ec2;
  /** Instances that EC2 finds something wrong with. */
  readonly troubles: TroubleWatch;
  readonly zones: ZoneCensus;
  readonly slots: SlotTable;
  readonly capacityMarks: CapacityMarkTable;
  readonly requests: RequestTable;
  readonly zoneDemands: ZoneDemandTable;
  readonly waker: Waker;
  readonly telemetry: Telemetry;
  readonly recordEvents: RecordEvents;
  /** A fresh id of at most 50 ASCII characters. */
  newId(): string;
}
