import type { Clock } from "../../../clock.ts";
import type { Identity } from "../access/identity.ts";
import type { VersionedStore } from "../create-store.ts";
import type { Registry } from "../registry.ts";
import type { ResourceType } from "../resources.ts";
import type { KubeObject } from "../store.ts";
import type { Pages } from "./pages.ts";
import type { Target } from "./target.ts";

/** State shared by all handlers for the lifetime of the server. */
export interface Cluster {
  readonly clock: Clock;
  readonly store: VersionedStore;
  readonly registry: Registry;
  readonly pages: Pages;
  random(): number;
  issueToken(user: string, groups: readonly string[]): string;
  /** Whether updates and patches leave `metadata.managedFields` alone: it costs as much as all else of a write. */
  readonly isUntracked?: boolean;
}

/** A decoded and authorized resource request. */
export interface ResourceRequest {
  readonly cluster: Cluster;
  readonly type: ResourceType;
  readonly target: Target;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly identity: Identity;
  /** Applies the mutating webhooks to the object of a create or update. */
  readonly mutate: (object: KubeObject) => void;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** kubectl shows these to the user. */
  readonly warnings?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}
