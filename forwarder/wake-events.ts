import { DETAIL_TYPE } from "../shared/model/events.ts";

/** An event that wakes a reconciler. Events with the same key wake the same work, so one can replace several. */
export interface WakeEvent {
  readonly key: string;
  readonly detailType: string;
  readonly detail: Readonly<Record<string, string>>;
}

export interface WakeEvents {
  podsUnschedulable(): WakeEvent;
  nodePoolChanged(pool: string): WakeEvent;
  nodeClassChanged(nodeClass: string): WakeEvent;
  nodeChanged(pool: string, node: string): WakeEvent;
  nodeUnlabelled(instanceId: string, node: string): WakeEvent;
  heartbeat(): WakeEvent;
}

const wakeEvent = (detailType: string, name: string, detail: WakeEvent["detail"]): WakeEvent => ({
  key: `${detailType}/${name}`,
  detailType,
  detail,
});

/** The events of one cluster; `shared/model/events.ts` documents what each one wakes. */
export const wakeEventsOf = (cluster: string): WakeEvents => ({
  podsUnschedulable: () => wakeEvent(DETAIL_TYPE.podsUnschedulable, "", { cluster }),
  nodePoolChanged: (pool) => wakeEvent(DETAIL_TYPE.nodePoolChanged, pool, { cluster, pool }),
  nodeClassChanged: (nodeClass) => wakeEvent(DETAIL_TYPE.nodeClassChanged, nodeClass, { cluster, nodeClass }),
  nodeChanged: (pool, node) => wakeEvent(DETAIL_TYPE.nodeChanged, pool, { cluster, pool, node }),
  nodeUnlabelled: (instanceId, node) =>
    wakeEvent(DETAIL_TYPE.nodeUnlabelled, instanceId, { cluster, instanceId, node }),
  heartbeat: () => wakeEvent(DETAIL_TYPE.heartbeat, "", { cluster }),
});
