/** Queries of the steps on the cluster. */
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

/** `True`, `False` or `Unknown`; undefined before the first report of the kubelet. */
export const readiness = (node: NodeObject | undefined): string | undefined =>
  node?.status?.conditions?.find(({ type }) => type === "Ready")?.status;

export const poolNodes = ({ kube }: Real): NodeObject[] =>
  kube.store.list<NodeObject>("nodes").filter(({ metadata }) => metadata.labels?.[LABEL.pool] === POOL);

export const stateOf = ({ metadata }: NodeObject): string | undefined => metadata.labels?.[LABEL.state];

export const nodeNamed = ({ kube }: Real, name: string | undefined): NodeObject | undefined =>
  name === undefined ? undefined : kube.store.get<NodeObject>("nodes", name);

export const instanceOf = (node: NodeObject | undefined): string => node?.spec.providerID?.split("/").at(-1) ?? "";

export const poolStatus = ({ kube }: Real) => kube.store.get<PoolObject>("nodepools.stratos.sh", POOL)?.status ?? {};

/** Pods of a Deployment that labels them with its name, as the examples do. */
export const podsOf = ({ kube }: Real, app: string): PodObject[] =>
  kube.store.list<PodObject>("pods", "default").filter(({ metadata }) => metadata.labels?.app === app);

/** Without pods that are being deleted. */
export const runningPods = (real: Real, app: string): PodObject[] =>
  podsOf(real, app).filter(
    ({ metadata, status }) => status?.phase === "Running" && metadata.deletionTimestamp === undefined,
  );

/** Waits like `real.until`, but fails at once when a process of the cluster has failed or the API server has refused Stratos a verb. */
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

/** Waits until the node has no taints. The node controller removes its own shortly after pods run there. */
export const untilOpen = async (real: Real, name: string): Promise<NodeObject> => {
  const openNode = () => [nodeNamed(real, name)].find((node) => node && !node.spec.taints?.length);
  await until(real, `${name} has no taint`, () => openNode() !== undefined, 20_000);
  return openNode() as NodeObject;
};

interface EventObject extends KubeObject {
  reason?: string;
  message?: string;
}

/** The messages of events with this reason. */
export const eventMessages = ({ kube }: Real, reason: string): string[] =>
  kube.store
    .list<EventObject>("events")
    .filter((event) => event.reason === reason)
    .map(({ message = "" }) => message);

/** Waits for an event with this reason and these words: an event is written after what it reports. */
export const untilEvent = (real: Real, reason: string, words: string): Promise<void> =>
  until(
    real,
    `an event ${reason} says "${words}"`,
    () => eventMessages(real, reason).some((message) => message.includes(words)),
    20_000,
  );
