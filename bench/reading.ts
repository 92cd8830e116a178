/** How much of the cluster one decision reads, for different numbers of running pods. */
import { fileURLToPath } from "node:url";
import { createClock } from "../local/clock.ts";
import { createObjects, readManifests } from "../local/environment/manifests.ts";
import { startApiServer } from "../local/kubernetes/api-server/start-api-server.ts";
import type { KubeObject, Store } from "../local/kubernetes/api-server/store.ts";
import type { KubeClient } from "../shared/kube/client.ts";
import { createKubeClient } from "../shared/kube/http-client.ts";
import type { InstanceRecord } from "../shared/model/instance-record.ts";
import { LABEL, TAINT } from "../shared/model/names.ts";
import { createObserveDemand } from "../shared/reconcilers/demand/observe.ts";

const RUNNING = [100, 1_000, 10_000] as const;
const PENDING = 100;
const STANDBY = 100;
/** Running pods per workload: the pods that a spread constraint counts. */
const PODS_PER_WORKLOAD = 20;
const CRDS = fileURLToPath(new URL("../crds", import.meta.url));
const CLUSTER = "my-cluster";

const MEASURED =
  `What demand reads for one decision, with ${PENDING} pending pods, one pool of ${STANDBY} standby nodes, and ${PODS_PER_WORKLOAD} running ` +
  "pods per workload: lists, megabytes of JSON, and the time over HTTPS on loopback. plain: pods with requests only. spread: pods of one workload " +
  "that spread over zones. claims: pods with one claim each, bound to a volume. everything: for comparison, one list of all pods. Includes " +
  "DaemonSets, which are read once a minute.";

const KINDS = ["plain", "spread", "claims"] as const;
type Kind = (typeof KINDS)[number];

/** A container with the usual fields of a Deployment's, so that the pod's JSON has a realistic size. */
const container = (index: number) => ({
  name: "main",
  image: `123456789.dkr.ecr.us-east-1.amazonaws.com/team/service-${index % 50}:v1.2.3`,
  env: Array.from({ length: 12 }, (_, variable) => ({
    name: `SETTING_${variable}`,
    value: `https://service-${variable}.internal`,
  })),
  resources: { requests: { cpu: "200m", memory: "256Mi" }, limits: { memory: "512Mi" } },
  volumeMounts: [{ name: "token", mountPath: "/var/run/secrets/kubernetes.io/serviceaccount", readOnly: true }],
});

export const aPod = (name: string, index: number, spec: object, status: object): KubeObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "default", labels: { app: `app-${index}`, "pod-template-hash": "5d4f8c7b9" } },
  spec: { containers: [container(index)], ...spec },
  status,
});

const runningPod = (index: number) =>
  aPod(
    `running-${index}`,
    Math.floor(index / PODS_PER_WORKLOAD),
    { nodeName: `busy-${index % 50}` },
    { phase: "Running", conditions: [{ type: "Ready", status: "True" }], podIP: "10.0.0.1", qosClass: "Burstable" },
  );

const RULES: Readonly<Record<Kind, (index: number) => object>> = {
  plain: () => ({}),
  spread: () => ({
    topologySpreadConstraints: [
      {
        topologyKey: "topology.kubernetes.io/zone",
        maxSkew: 1,
        whenUnsatisfiable: "DoNotSchedule",
        labelSelector: { matchLabels: { app: "app-0" } },
      },
    ],
  }),
  claims: (index) => ({ volumes: [{ name: "data", persistentVolumeClaim: { claimName: `claim-${index}` } }] }),
};

const pendingPod = (kind: Kind, index: number) =>
  aPod(`pending-${index}`, 0, RULES[kind](index), {
    phase: "Pending",
    conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable" }],
  });

const standbyNode = (index: number): KubeObject => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name: `standby-${index}`, labels: { [LABEL.pool]: "workers", [LABEL.state]: "standby" } },
  spec: { providerID: `aws:///us-east-1a/i-${index}`, unschedulable: true, taints: [TAINT.standby] },
  status: { allocatable: { cpu: "1930m", memory: "7244Mi", pods: "29" } },
});

const record = (index: number): InstanceRecord => ({
  slot: index + 1,
  version: 1,
  state: "standby",
  stateSince: 0,
  reason: "WarmupCompleted",
  token: "bench",
  instanceType: "m5.large",
  zone: "us-east-1a",
  instanceId: `i-${index}`,
  nodeName: `standby-${index}`,
});

const fill = (store: Store, kind: Kind, count: number): void => {
  store.create("nodepools.stratos.sh", {
    apiVersion: "stratos.sh/v1alpha1",
    kind: "NodePool",
    metadata: { name: "workers" },
    spec: { poolSize: 1000, minStandby: 0, template: { nodeClassRef: { kind: "AWSNodeClass", name: "workers" } } },
  });
  for (let index = 0; index < STANDBY; index += 1) store.create("nodes", standbyNode(index));
  for (let index = 0; index < count; index += 1) store.create("pods", runningPod(index));
  for (let index = 0; index < PENDING; index += 1) {
    store.create("pods", pendingPod(kind, index));
    if (kind !== "claims") continue;
    store.create("persistentvolumeclaims", {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: `claim-${index}`, namespace: "default" },
      spec: { volumeName: `volume-${index}`, storageClassName: "gp3" },
    });
    store.create("persistentvolumes", {
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name: `volume-${index}` },
      spec: { storageClassName: "gp3", csi: { driver: "ebs.csi.aws.com", volumeHandle: `vol-${index}` } },
    });
  }
};

/** A client that counts its lists and their size. */
const countingClient = (kube: KubeClient) => {
  const count = { lists: 0, bytes: 0 };
  const client: KubeClient = {
    ...kube,
    list: async <T>(path: string, options = {}) => {
      const items = await kube.list<T>(path, options);
      count.lists += 1;
      count.bytes += Buffer.byteLength(JSON.stringify(items));
      return items;
    },
  };
  return { client, count };
};

const megabytes = (bytes: number): number => Math.round(bytes / 10_000) / 100;

const measure = async (kube: KubeClient, read: (client: KubeClient) => Promise<unknown>) => {
  await read(kube);
  const startedAt = performance.now();
  await read(kube);
  const ms = Math.round(performance.now() - startedAt);
  // Counting takes time itself, so it uses a separate run.
  const { client, count } = countingClient(kube);
  await read(client);
  return { lists: count.lists, megabytes: megabytes(count.bytes), ms };
};

const oneCase = async (kind: Kind, count: number) => {
  const clock = createClock(1);
  const server = await startApiServer({ clock, authenticate: async () => undefined });
  try {
    const kube = createKubeClient({ endpoint: server.url, ca: server.caPem, token: async () => server.adminToken });
    await createObjects(kube, readManifests(CRDS));
    fill(server.store, kind, count);
    const records = Array.from({ length: STANDBY }, (_, index) => record(index));
    const decision = await measure(kube, (client) =>
      createObserveDemand({
        kube: async () => client,
        ec2: { describeInstanceType: async () => undefined, describeHardware: async () => [] },
        poolItems: { read: async () => ({ records, request: undefined, warmupFailures: undefined }) },
        unavailableOfferings: { read: async () => new Map() },
        spotNotices: { read: async () => [] },
      })(CLUSTER, Date.now(), new Set()),
    );
    const everything = await measure(kube, (client) => client.list("/api/v1/pods"));
    return { kind, running: count, ...decision, everything };
  } finally {
    await server.stop();
    clock.stop();
  }
};

export const benchReading = async (progress: (line: string) => void) => {
  const cases = [];
  for (const count of RUNNING) {
    for (const kind of KINDS) {
      progress(`reading: ${kind} pods, ${count} running pods`);
      cases.push(await oneCase(kind, count));
    }
  }
  return { measured: MEASURED, cases };
};
