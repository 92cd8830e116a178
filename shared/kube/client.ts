/** A small client of the Kubernetes API, made for functions: one keep-alive connection, no generated code. */

export type PatchType = "merge" | "strategic" | "json";

export interface ListOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Of each object its metadata only, which for nodes is a small part. */
  readonly metadataOnly?: boolean;
}

/** As far as anything here asks for them (meta/v1 DeleteOptions). */
export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly preconditions?: { readonly uid: string };
}

/** Paths are the API's own (`/api/v1/nodes/ip-10-0-0-1`); `shared/kube/paths.ts` builds them. */
export interface KubeClient {
  /** Undefined when the object does not exist. */
  get<T>(path: string): Promise<T | undefined>;
  /** All items, read in pages of 500. */
  list<T>(path: string, options?: ListOptions): Promise<T[]>;
  /** The patched object; undefined when it does not exist. */
  patch<T>(path: string, type: PatchType, body: unknown): Promise<T | undefined>;
  create<T>(path: string, body: unknown): Promise<T>;
  /** True if there was something to delete; 409 if it is not the object that the preconditions mean. */
  delete(path: string, options?: DeleteOptions): Promise<boolean>;
}

/** The API server's refusal, with its `Status`: 409 Conflict, 422 Invalid, 429 TooManyRequests and so on. */
export class KubeError extends Error {
  readonly status: number;
  readonly reason: string;
  readonly retryAfterMs: number | undefined;
  constructor(status: number, reason: string, message: string, retryAfterMs?: number) {
    super(message);
    this.name = "KubeError";
    this.status = status;
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
  }
}
