/** What the steps look for in the cluster. */
import type { KubeObject } from "../../local/kubernetes/api-server/store.ts";
import type { Taint } from "../../shared/model/kubernetes/objects.ts";
import { LABEL } from "../../shared/model/names.ts";
import { refusals } from "./grants.ts";
import type { Real } from "./stage.ts";

export const POOL = "workers";
export const CLASSES = "awsnodeclasses.stratos.sh";

export interface NodeObject extends KubeObject {
  spec: { providerID?: string; unschedulable?: boolean; taints?: Taint[] };
  status?: { conditions?: { type: string; status: string }[] };
}

export interface PodObject extends KubeObject {
  spec: { nodeName?: string };
  status?: { phase?: string };
}

export interface ClassObject extends KubeObject {
  status?: { conditions?: { type: string; status: string }[] };
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
export const podsOf = ({ kube }: Real, app: string): PodObject[] =>
  kube.store.list<PodObject>("pods", "default").filter(({ metadata }) => metadata.labels?.app === app);

/** Those on their way out do not count. */
export const runningPods = (real: Real, app: string): PodObject[] =>
  podsOf(real, app).filter(
    ({ metadata, status }) => status?.phase === "Running" && metadata.deletionTimestamp === undefined,
  );

/** Waits like `real.until`, and gives up at once when a process of the cluster has failed or one of ours was refused a verb. */
export const until = (real: Real, description: string, isTrue: () => boolean, withinMs: number): Promise<void> =>
  real.until(
    description,
    () => {
      const [failure] = real.kube.failures();
      if (failure) throw new Error(`${description}: the cluster failed`, { cause: failure });
      const [refused] = refusals(real);
      if (refused) throw new Error(`${description}: the API server refused ${refused}`);
      return isTrue();
    },
    { withinMs },
  );

/** Waits until no taint is left on the node; the node controller takes off its own some moments after pods run there. */
export const untilOpen = async (real: Real, name: string): Promise<NodeObject> => {
  const openNode = () => [nodeNamed(real, name)].find((node) => node && !node.spec.taints?.length);
  await until(real, `${name} has no taint`, () => openNode() !== undefined, 20_000);
  return openNode() as NodeObject;
};

interface EventObject extends KubeObject {
  reason?: string;
  message?: string;
}

/** Messages of events with this reason. */
export const told = ({ kube }: Real, reason: string): string[] =>
  kube.store
    .list<EventObject>("events")
    .filter((event) => event.reason === reason)
    .map(({ message = "" }) => message);

/** Waits until an event with this reason says so: events are written after what they tell of. */
export const untilTold = (real: Real, reason: string, words: string): Promise<void> =>
  until(
    real,
    `an event ${reason} says "${words}"`,
    () => told(real, reason).some((one) => one.includes(words)),
    20_000,
  );
