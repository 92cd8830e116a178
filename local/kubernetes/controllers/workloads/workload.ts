import type { Clock } from "../../../clock.ts";
import { isEqual } from "../../api-server/json-value.ts";
import type { KubeObject, ResourceName, Store } from "../../api-server/store.ts";
import { createKeyedLoop } from "../../keyed-loop.ts";
import { controllerOf } from "../../objects.ts";
import type { PodIndex } from "../../pod-index.ts";
import type { RecordEvent } from "../../record-event.ts";

/** What the controllers of workloads work with. */
export interface WorkloadOptions {
  readonly clock: Clock;
  readonly store: Store;
  readonly pods: PodIndex;
  readonly recordEvent: RecordEvent;
}

export const keyOf = ({ metadata }: KubeObject): string => `${metadata.namespace}/${metadata.name}`;

export interface WorkloadLoop {
  /** Looks at every object of the resource. */
  addAll(): void;
  /** Looks at the object again after `delayMs`. */
  addLater(object: KubeObject, delayMs: number): void;
  stop(): void;
}

/** Calls `reconcile` for each object of `resource` that changed, or one of whose dependents of the `owned` resource did. */
export const startWorkloadLoop = <T extends KubeObject>(
  { clock, store }: WorkloadOptions,
  { resource, kind, owned }: { readonly resource: ResourceName; readonly kind: string; readonly owned: ResourceName },
  reconcile: (object: T) => void,
): WorkloadLoop => {
  const loop = createKeyedLoop(clock, (key) => {
    const [namespace = "", name = ""] = key.split("/");
    const object = store.get<T>(resource, name, namespace);
    if (object && !object.metadata.deletionTimestamp) reconcile(object);
  });
  const addAll = () => {
    for (const object of store.list(resource)) loop.add(keyOf(object));
  };
  const stops = [
    store.subscribe(resource, ({ type, object }) => {
      if (type !== "DELETED") loop.add(keyOf(object));
    }),
    store.subscribe(owned, ({ object }) => {
      const owner = controllerOf(object);
      if (owner?.kind === kind) loop.add(`${object.metadata.namespace}/${owner.name}`);
    }),
    loop.stop,
  ];
  addAll();
  return {
    addAll,
    addLater: (object, delayMs) => loop.addLater(keyOf(object), delayMs),
    stop: () => {
      for (const stop of stops) stop();
    },
  };
};

/** Writes the status where it differs in one of the given fields; an undefined field is removed. */
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
