/** Drains the node of one pod with a zonal volume and a disruption budget that allows no eviction. */
import type { AuditEvent } from "../audit-log.ts";
import { nodeNamed, type PodObject, runningPods, stateOf, until } from "../reading.ts";
import type { Real } from "../stage.ts";
import { ZONAL } from "./furnish.ts";
import { changePool, untilStandby } from "./leave.ts";

const APP = "guarded";

const labels = { app: APP };

/** Bound once the scheduler has a node for the pod. */
const CLAIM = {
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name: APP, namespace: "default" },
  spec: { storageClassName: ZONAL, accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
};

/** Matches no pod, which the reconciler knows only after it has read the namespaces. */
const AWAY_FROM_TENANTS = {
  podAntiAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: [
      {
        topologyKey: "kubernetes.io/hostname",
        labelSelector: {},
        namespaceSelector: { matchLabels: { tenant: "other" } },
      },
    ],
  },
};

const DEPLOYMENT = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: APP, namespace: "default" },
  spec: {
    replicas: 1,
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        nodeSelector: { "stratos.sh/pool": "workers" },
        terminationGracePeriodSeconds: 1,
        affinity: AWAY_FROM_TENANTS,
        volumes: [{ name: "data", persistentVolumeClaim: { claimName: APP } }],
        containers: [
          {
            name: "main",
            image: "registry.k8s.io/pause:3.10",
            resources: { requests: { cpu: "800m", memory: "256Mi" } },
            volumeMounts: [{ name: "data", mountPath: "/data" }],
          },
        ],
      },
    },
  },
};

const BUDGET = {
  apiVersion: "policy/v1",
  kind: "PodDisruptionBudget",
  metadata: { name: APP, namespace: "default" },
  spec: { minAvailable: 1, selector: { matchLabels: labels } },
};

const apply = ({ kube }: Real, object: object) => kube.kubectl(["apply", "-f", "-"], JSON.stringify(object));

const guardedPod = (real: Real, previous?: PodObject): PodObject | undefined =>
  runningPods(real, APP).find(({ metadata }) => metadata.uid !== previous?.metadata.uid);

/** Waits until the pod runs, or the replacement of `previous`. */
export const untilServed = async (real: Real, previous?: PodObject): Promise<PodObject> => {
  const what = previous ? `the replacement of ${previous.metadata.name} runs` : "the guarded pod runs";
  await until(real, what, () => guardedPod(real, previous) !== undefined, 60_000);
  return guardedPod(real, previous) as PodObject;
};

/** Creates a Deployment with one pod and waits until the pod runs. */
export const runGuarded = async (real: Real): Promise<PodObject> => {
  await apply(real, CLAIM);
  await apply(real, DEPLOYMENT);
  return untilServed(real);
};

/** Creates the budget and waits until the disruption controller has counted the pod. */
const applyBudget = async (real: Real): Promise<void> => {
  await apply(real, BUDGET);
  await real.kube.kubectl(["wait", "pdb", APP, "--for=jsonpath={.status.currentHealthy}=1", "--timeout=30s"]);
};

/** Makes the pool drain this node, and no other, through maxNodeRuntime: it is undone long before the node's replacement is due in turn. */
const beginDraining = async (real: Real, name: string): Promise<void> => {
  await changePool(real, { spec: { maxNodeRuntime: "10s" } });
  const isStopping = () => {
    const node = nodeNamed(real, name);
    return node !== undefined && stateOf(node) === "stopping";
  };
  await until(real, `${name} is being drained`, isStopping, 30_000);
  await changePool(real, { spec: { maxNodeRuntime: null } });
};

/** The status codes of evictions requested since a time in ms. */
const evictions = ({ kube }: Real, since: number): readonly number[] =>
  kube.audit
    .read()
    .filter(({ objectRef, requestReceivedTimestamp }: AuditEvent) => {
      return objectRef?.subresource === "eviction" && Date.parse(requestReceivedTimestamp) >= since;
    })
    .flatMap(({ responseStatus }) => responseStatus?.code ?? []);

export interface Drained {
  /** The API server's status codes for Stratos's evictions: 429 while the budget forbids them, then 201. */
  readonly answers: readonly number[];
  readonly from: string;
  readonly to: string;
}

/** Drains the pod's node; deletes the budget after its first refusal. */
export const drainGuarded = async (real: Real): Promise<Drained> => {
  const pod = await untilServed(real);
  const from = pod.spec.nodeName ?? "";
  const since = Date.now();
  await applyBudget(real);
  await beginDraining(real, from);
  await until(real, "the budget refuses an eviction", () => evictions(real, since).includes(429), 30_000);
  await real.kube.kubectl(["delete", "pdb", APP]);
  const [next] = await Promise.all([untilServed(real, pod), untilStandby(real, from)]);
  return { answers: evictions(real, since), from, to: next.spec.nodeName ?? "" };
};

/** Drains the pod's node, and keeps the budget until `drainTimeout` has passed. */
export const outlastBudget = async (real: Real): Promise<Drained> => {
  await changePool(real, { spec: { scaleDown: { drainTimeout: "6s" } } });
  const pod = await untilServed(real);
  const from = pod.spec.nodeName ?? "";
  const since = Date.now();
  await applyBudget(real);
  await beginDraining(real, from);
  const [next] = await Promise.all([untilServed(real, pod), untilStandby(real, from)]);
  await real.kube.kubectl(["delete", "pdb", APP]);
  return { answers: evictions(real, since), from, to: next.spec.nodeName ?? "" };
};
