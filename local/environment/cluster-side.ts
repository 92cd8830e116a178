/** The cluster next to the simulated cloud: the simulated cluster, or a real control plane in its place. */

import type { Machines } from "../aws/ec2/machines.ts";
import type { VirtualClock } from "../clock.ts";
import type { Authenticate } from "../kubernetes/api-server/access/tokens.ts";
import type { Store } from "../kubernetes/api-server/store.ts";
import type { NodeProfile } from "../kubernetes/kubelet/node-profile.ts";
import type { NetworkProfile } from "../kubernetes/network/network.ts";

/** What a cluster needs to start. */
export interface ClusterInputs {
  readonly clock: VirtualClock;
  /** Instances never join if their user data names another cluster. */
  readonly clusterName: string;
  /** Of a simulated cluster; those of a stock EKS cluster by default. */
  readonly nodes?: NodeProfile;
  /** The instances that run the cluster's nodes. */
  readonly machines: Machines;
  readonly awsUrl: string;
  /** Whether instances with the role may join the cluster. */
  readonly admitsNodes: (roleArn: string | undefined) => boolean;
  /** Authenticates EKS tokens. */
  readonly authenticate: Authenticate;
  /** Of a simulated cluster; the VPC CNI by default. */
  readonly network?: NetworkProfile;
  /** Of a simulated cluster; a free port by default. */
  readonly apiServerPort?: number;
  /** Of a simulated cluster: how long functions may leave a connection idle; for ever by default. */
  readonly idleConnectionMs?: number;
  /** Returns seeded values in [0, 1). */
  readonly random: () => number;
}

/** Read access to a cluster's objects, by `resource` of `local/kubernetes/api-server/store.ts`. */
export type ObjectView = Pick<Store, "get" | "list" | "subscribe">;

export interface ClusterSide {
  /** The API server's URL, `https://…`. */
  readonly url: string;
  /** The CA certificate that clients must trust. */
  readonly caPem: string;
  /** May do everything (group system:masters). */
  readonly adminToken: string;
  readonly store: ObjectView;
  /** Issues a token for a user such as `serviceAccountUser(namespace, name)`; the service account must exist. */
  issueToken(user: string): string | Promise<string>;
  /** Applies a folder like `kubectl apply -k`; its Deployments do not run pods. */
  install(folder: string): Promise<void>;
  stop(): Promise<void>;
}

/** If a part fails to start, it must stop the parts already started. */
export type StartClusterSide<C extends ClusterSide> = (inputs: ClusterInputs) => Promise<C>;
