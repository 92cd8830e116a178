/** The port for the Kubernetes API: a small client for Lambda functions, with keep-alive connections and no generated code. */

export type PatchType = "merge" | "strategic" | "json";

export interface ListOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Returns only each object's metadata, which for nodes is a small part. */
  readonly metadataOnly?: boolean;
}

/** The fields of meta/v1 DeleteOptions that Stratos uses. */
export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly preconditions?: { readonly uid: string };
}

/** Paths are API paths (`/api/v1/nodes/ip-10-0-0-1`); `shared/kube/paths.ts` builds them. */
export interface KubeClient {
  /** Undefined if the object does not exist. Throws a 404 if the API server does not serve the resource, as do the others. */
  get<T>(path: string): Promise<T | undefined>;
  /** All items, read in pages of 500. Of each page only what `project` returns is kept; undefined drops the item. */
  list<T, P = T>(path: string, options?: ListOptions, project?: (item: T) => P | undefined): Promise<P[]>;
  /** The patched object; undefined if it does not exist. */
  patch<T>(path: string, type: PatchType, body: unknown): Promise<T | undefined>;
  create<T>(path: string, body: unknown): Promise<T>;
  /** False if the object does not exist. Throws a 409 if the preconditions do not match. */
  delete(path: string, options?: DeleteOptions): Promise<boolean>;
}

/** The cause of a refused eviction (policy/v1, DisruptionBudgetCause). */
export const DISRUPTION_BUDGET = "DisruptionBudget";

/** An error response of the API server, with its `Status`: 409 Conflict, 422 Invalid, 429 TooManyRequests and so on. */
export class KubeError extends Error {
  readonly status: number;
  readonly reason: string;
  /** The causes in the status's details, e.g. `DisruptionBudget`. */
  readonly causes: readonly string[];
  constructor(status: number, reason: string, message: string, causes: readonly string[] = []) {
    super(message);
    this.name = "KubeError";
    this.status = status;
    this.reason = reason;
    this.causes = causes;
  }
}

/** The API server does not serve the resource, or the functions' role is from before they read it. */
export const isNotServed = (error: unknown): boolean =>
  error instanceof KubeError && (error.status === 404 || error.status === 403);
