/** What the steps look for in the cluster. */
import type { KubeObject } from "../../local/kube/store.ts";
import type { Taint } from "../../shared/kube/objects.ts";
import { LABEL } from "../../shared/names.ts";
import type { Real } from "./stage.ts";

export const POOL = "workers";

export interface NodeObject extends KubeObject {
  spec: { providerID?: string; unschedulable?: boolean; taints?: Taint[] };
  status?: { conditions?: { type: string; status: string }[] };
}

export interface PodObject extends KubeObject {
  spec: { nodeName?: string };
  status?: { phase?: string };
}

export interface PoolObject extends KubeObject {
  status?: { standby?: number; warmup?: number; running?: number; stopping?: number };
}

export const SHUTDOWN = "node.cloudprovider.kubernetes.io/shutdown";
export const UNINITIALIZED = "node.cloudprovider.kubernetes.io/uninitialized";

export const hasTaint = (node: NodeObject | undefined, key: string): boolean =>
  node?.spec.taints?.some((taint) => taint.key === key) ?? false;

/** `True`, `False` or `Unknown`; undefined before kubelet has reported. */
export const readiness = (node: NodeObject | undefined): string | undefined =>
  node?.status?.conditions?.find(({ type }) => type === "Ready")?.status;

export const poolNodes = ({ kube }: Real): NodeObject[] =>
  kube.store.list<NodeObject>("nodes").filter(({ metadata }) => metadata.labels?.[LABEL.pool] === POOL);

export const stateOf = ({ metadata }: NodeObject): string | undefined => metadata.labels?.[LABEL.state];

export const nodeNamed = ({ kube }: Real, name: string | undefined): NodeObject | undefined =>
  name === undefined ? undefined : kube.store.get<NodeObject>("nodes", name);

export const instanceOf = (node: NodeObject | undefined): string => node?.spec.providerID?.split("/").at(-1) ?? "";

export const poolStatus = ({ kube }: Real) => kube.store.get<PoolObject>("nodepools.stratos.sh", POOL)?.status ?? {};

/** Pods of a Deployment of the examples' kind, which labels them with its name. */
const podsOf = ({ kube }: Real, app: string): PodObject[] =>
  kube.store.list<PodObject>("pods", "default").filter(({ metadata }) => metadata.labels?.app === app);

/** Those on their way out do not count. */
export const runningPods = (real: Real, app: string): PodObject[] =>
  podsOf(real, app).filter(
    ({ metadata, status }) => status?.phase === "Running" && metadata.deletionTimestamp === undefined,
  );

/** Waits like `real.until`, and gives up at once when a process of the cluster has failed. */
export const until = (real: Real, description: string, isTrue: () => boolean, withinMs: number): Promise<void> =>
  real.until(
    description,
    () => {
      const [failure] = real.kube.failures();
      if (failure) throw new Error(`${description}: the cluster failed`, { cause: failure });
      return isTrue();
    },
    { withinMs },
  );
