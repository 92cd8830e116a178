/**
 * The embedded API server's storage, as its own HTTP handlers and the embedded cluster's controllers (scheduler, kubelets,
 * node lifecycle, workloads) use it. It does what the registry behind a real API server does: resource versions, optimistic
 * concurrency, finalizers, generation, watch events.
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
   * Reads, changes and writes back in one step; `change` gets a copy to modify and may return false to leave it be.
   * `status: true` writes through the status subresource (spec and generation untouched). Undefined if there is no such object.
   */
  change<T extends KubeObject>(
    resource: ResourceName,
    name: string,
    namespace: string | undefined,
    change: (object: T) => unknown,
    options?: { status?: boolean },
  ): T | undefined;
  /** Marks or removes, as finalizers and (for pods bound to a node) the grace period say; see `controllers/garbage.ts`. */
  remove(resource: ResourceName, name: string, namespace?: string, options?: { gracePeriodSeconds?: number }): void;
  /** Called synchronously after each write. Returns how to stop listening. */
  subscribe(resource: ResourceName, listener: (event: StoreEvent) => void): () => void;
}

/** A failure as an API server answers it: a `Status` object. */
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
