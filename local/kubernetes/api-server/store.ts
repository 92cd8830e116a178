/**
 * The storage of the simulated API server, used by its HTTP handlers and by the scheduler, kubelets and controllers of the
 * simulated cluster. It does what the registry behind a real API server does: resource versions, optimistic concurrency,
 * finalizers, generation, watch events.
 */

export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    resourceVersion?: string;
    generation?: number;
    creationTimestamp?: string;
    deletionTimestamp?: string;
    deletionGracePeriodSeconds?: number;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    finalizers?: string[];
    ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean }[];
    [field: string]: unknown;
  };
  [field: string]: unknown;
}

/** Plural resource with its group: `pods`, `nodes`, `deployments.apps`, `nodepools.stratos.sh`. */
export type ResourceName = string;

export interface StoreEvent<T extends KubeObject = KubeObject> {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly resource: ResourceName;
  readonly object: T;
}

export interface Store {
  get<T extends KubeObject>(resource: ResourceName, name: string, namespace?: string): T | undefined;
  list<T extends KubeObject>(resource: ResourceName, namespace?: string): T[];
  /** Fills in uid, creationTimestamp, resourceVersion, generation, generateName. Throws `KubeFailure` AlreadyExists. */
  create<T extends KubeObject>(resource: ResourceName, object: T): T;
  /**
   * Atomic read-modify-write. `change` gets a copy to modify and may return false to skip the write. `status: true` writes
   * through the status subresource, which leaves spec and generation untouched. Returns undefined if the object does not exist.
   */
  change<T extends KubeObject>(
    resource: ResourceName,
    name: string,
    namespace: string | undefined,
    change: (object: T) => unknown,
    options?: { status?: boolean },
  ): T | undefined;
  /**
   * Removes the object, or only marks it deleted if it has finalizers or, for a pod on a node, a grace period.
   * `controllers/garbage-collector.ts` handles its dependents.
   */
  remove(resource: ResourceName, name: string, namespace?: string, options?: { gracePeriodSeconds?: number }): void;
  /** Calls the listener synchronously after each write. Returns the unsubscribe function. */
  subscribe(resource: ResourceName, listener: (event: StoreEvent) => void): () => void;
}

/** An API error, which the server returns as a `Status` object. */
export class KubeFailure extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: unknown;
  constructor(code: number, reason: string, message: string, details?: unknown) {
    super(message);
    this.name = "KubeFailure";
    this.code = code;
    this.reason = reason;
    this.details = details;
  }
}
