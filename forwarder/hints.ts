import { DETAIL_TYPE } from "../shared/model/events.ts";

/** Something to look at. Hints with the same key wake the same work, so that one may stand for several. */
export interface Hint {
  readonly key: string;
  readonly detailType: string;
  readonly detail: Readonly<Record<string, string>>;
}

export interface Hints {
  podsUnschedulable(): Hint;
  nodePoolChanged(pool: string): Hint;
  nodeClassChanged(nodeClass: string): Hint;
  nodeChanged(pool: string, node: string): Hint;
  nodeUnlabelled(instanceId: string, node: string): Hint;
  heartbeat(): Hint;
}

const hint = (detailType: string, name: string, detail: Hint["detail"]): Hint => ({
  key: `${detailType}/${name}`,
  detailType,
  detail,
});

/** The hints of one cluster; `shared/model/events.ts` says what each one wakes. */
export const hintsOf = (cluster: string): Hints => ({
  podsUnschedulable: () => hint(DETAIL_TYPE.podsUnschedulable, "", { cluster }),
  nodePoolChanged: (pool) => hint(DETAIL_TYPE.nodePoolChanged, pool, { cluster, pool }),
  nodeClassChanged: (nodeClass) => hint(DETAIL_TYPE.nodeClassChanged, nodeClass, { cluster, nodeClass }),
  nodeChanged: (pool, node) => hint(DETAIL_TYPE.nodeChanged, pool, { cluster, pool, node }),
  nodeUnlabelled: (instanceId, node) => hint(DETAIL_TYPE.nodeUnlabelled, instanceId, { cluster, instanceId, node }),
  heartbeat: () => hint(DETAIL_TYPE.heartbeat, "", { cluster }),
});
