import type { Clock } from "../../../clock.ts";
import { isEqual } from "../../api-server/json-value.ts";
import type { KubeObject, ResourceName, Store } from "../../api-server/store.ts";
import { createWorkQueue } from "../../loops/work-queue.ts";
import { controllerOf } from "../../objects/objects.ts";
import type { PodIndex } from "../../objects/pod-index.ts";
import type { RecordEvent } from "../../objects/record-event.ts";

/** The dependencies of the workload controllers. */
export interface WorkloadOptions {
  readonly clock: Clock;
  readonly store: Store;
  readonly pods: PodIndex;
  readonly recordEvent: RecordEvent;
}

export const keyOf = ({ metadata }: KubeObject): string => `${metadata.namespace}/${metadata.name}`;

export interface WorkloadController {
  /** Enqueues every object of the resource. */
  enqueueAll(): void;
  /** Enqueues the object after `delayMs`. */
  enqueueAfter(object: KubeObject, delayMs: number): void;
  stop(): void;
}

interface Watched {
  readonly resource: ResourceName;
  readonly kind: string;
  readonly owned: ResourceName;
  /** How long changes of dependents are collected before they are handled; 0 by default. */
  readonly batchMs?: number;
}

/** Calls `reconcile` for each object of `resource` that changes or whose dependents of the `owned` resource change. */
export const startWorkloadController = <T extends KubeObject>(
  { clock, store }: WorkloadOptions,
  { resource, kind, owned, batchMs = 0 }: Watched,
  reconcile: (object: T) => void,
): WorkloadController => {
  const queue = createWorkQueue(clock, (key) => {
    const [namespace = "", name = ""] = key.split("/");
    const object = store.get<T>(resource, name, namespace);
    if (object && !object.metadata.deletionTimestamp) reconcile(object);
  });
  const enqueueAll = () => {
    for (const object of store.list(resource)) queue.add(keyOf(object));
  };
  const stops = [
    store.subscribe(resource, ({ type, object }) => {
      if (type !== "DELETED") queue.add(keyOf(object));
    }),
    store.subscribe(owned, ({ object }) => {
      const owner = controllerOf(object);
      if (owner?.kind !== kind) return;
      const key = `${object.metadata.namespace}/${owner.name}`;
      if (batchMs === 0) queue.add(key);
      else clock.after(batchMs, () => queue.add(key));
    }),
    queue.stop,
  ];
  enqueueAll();
  return {
    enqueueAll,
    enqueueAfter: (object, delayMs) => queue.addAfter(keyOf(object), delayMs),
    stop: () => {
      for (const stop of stops) stop();
    },
  };
};

/** Writes the given status fields if any of them differs. Removes fields that are undefined. */
export const writeStatus = (store: Store, resource: ResourceName, object: KubeObject, status: object): void => {
  const before = (object.status ?? {}) as Record<string, unknown>;
  if (Object.entries(status).every(([field, value]) => isEqual(before[field], value))) return;
  store.change<KubeObject>(
    resource,
    object.metadata.name,
    object.metadata.namespace,
    (current) => {
      current.status = { ...(current.status as object), ...status };
    },
    { status: true },
  );
};
