/** Deployments, ReplicaSets and DaemonSets: enough of their controllers for pods to come and go as users expect. */
import type { Clock } from "../../../clock.ts";
import type { Store } from "../../../kube/store.ts";
import { onChanges } from "../on-changes.ts";
import { syncDaemonSet } from "./daemon-set.ts";
import { syncDeployment } from "./deployment.ts";
import type { Workload } from "./owned-pods.ts";
import { syncReplicaSet } from "./replica-set.ts";

const REACTION_MS = 10;
const WATCHED = ["deployments.apps", "replicasets.apps", "daemonsets.apps", "pods", "nodes"];

export const startWorkloads = (clock: Clock, store: Store): (() => void) =>
  onChanges(clock, store, WATCHED, REACTION_MS, () => {
    for (const deployment of store.list<Workload>("deployments.apps")) syncDeployment(store, deployment);
    for (const set of store.list<Workload>("replicasets.apps")) syncReplicaSet(store, set);
    for (const set of store.list<Workload>("daemonsets.apps")) syncDaemonSet(store, set);
  });
