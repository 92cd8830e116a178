/** The cluster beside the embedded cloud: the embedded one, or a real control plane in its place. */

import type { Machines } from "../aws/ec2/machines.ts";
import type { VirtualClock } from "../clock.ts";
import type { Authenticate } from "../kubernetes/api-server/access/tokens.ts";
import type { Store } from "../kubernetes/api-server/store.ts";

/** What a cluster is started with. */
export interface ClusterSurroundings {
  readonly clock: VirtualClock;
  /** Instances whose user data names another cluster never join. */
  readonly clusterName: string;
  /** Where its nodes run. */
  readonly machines: Machines;
  readonly awsUrl: string;
  /** Knows EKS tokens. */
  readonly authenticate: Authenticate;
  /** 0 to 1, seeded. */
  readonly random: () => number;
}

/** A cluster's objects as they are read; by `resource` of `local/kubernetes/api-server/store.ts`. */
export type ObjectView = Pick<Store, "get" | "list" | "subscribe">;

export interface ClusterSide {
  /** `https://…` of the API server. */
  readonly url: string;
  /** The certificate that clients have to trust. */
  readonly caPem: string;
  /** May do everything (group system:masters). */
  readonly adminToken: string;
  readonly store: ObjectView;
  /** A token for a user, for instance `serviceAccountUser(namespace, name)`, whose account exists. */
  issueToken(user: string): string | Promise<string>;
  /** `kubectl apply -k` of a folder; its Deployments run no pod. */
  install(folder: string): Promise<void>;
  stop(): Promise<void>;
}

/** Stops again what it started if a part of it fails. */
export type StartClusterSide<C extends ClusterSide> = (surroundings: ClusterSurroundings) => Promise<C>;
