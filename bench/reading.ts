/** What one decision reads of the cluster, however much runs there. */
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
/** Running pods of one workload: what spread pods count. */
const ALIKE = 20;
const CRDS = fileURLToPath(new URL("../crds", import.meta.url));
const CLUSTER = "my-cluster";

const MEASURED =
  `What demand reads for one decision, for ${PENDING} pods that wait, one pool of ${STANDBY} standby nodes and so many pods that run, ${ALIKE} of ` +
  "each workload: lists, pages, megabytes of JSON, and the time of it over HTTPS on loopback. plain: pods with requests only. spread: all of one " +
  "workload, over zones. claims: each with a claim of its own, bound to a volume. everything: for comparison, one list of all pods. DaemonSets are in it, " +
  "as they are once a minute.";

const KINDS = ["plain", "spread", "claims"] as const;
type Kind = (typeof KINDS)[number];

/** Containers with what a Deployment's usually have, so that a pod is as large as pods are. */
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

const aPod = (name: string, index: number, spec: object, status: object): KubeObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "default", labels: { app: `app-${index}`, "pod-template-hash": "5d4f8c7b9" } },
  spec: { containers: [container(index)], ...spec },
  status,
});

const running = (index: number) =>
  aPod(
    `running-${index}`,
    Math.floor(index / ALIKE),
    { nodeName: `busy-${index % 50}` },
    { phase: "Running", conditions: [{ type: "Ready", status: "True" }], podIP: "10.0.0.1", qosClass: "Burstable" },
  );

const WISHES: Readonly<Record<Kind, (index: number) => object>> = {
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

const waiting = (kind: Kind, index: number) =>
  aPod(`waiting-${index}`, 0, WISHES[kind](index), {
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
  for (let index = 0; index < count; index += 1) store.create("pods", running(index));
  for (let index = 0; index < PENDING; index += 1) {
    store.create("pods", waiting(kind, index));
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

/** The client, and what its lists have come to. */
const counted = (kube: KubeClient) => {
  const seen = { lists: 0, bytes: 0 };
  const client: KubeClient = {
    ...kube,
    list: async <T>(path: string, options = {}) => {
      const items = await kube.list<T>(path, options);
      seen.lists += 1;
      seen.bytes += Buffer.byteLength(JSON.stringify(items));
      return items;
    },
  };
  return { client, seen };
};

const megabytes = (bytes: number): number => Math.round(bytes / 10_000) / 100;

const measure = async (kube: KubeClient, read: (client: KubeClient) => Promise<unknown>) => {
  await read(kube);
  const startedAt = performance.now();
  await read(kube);
  const ms = Math.round(performance.now() - startedAt);
  // The count itself takes time, so it is taken of another run.
  const { client, seen } = counted(kube);
  await read(client);
  return { lists: seen.lists, megabytes: megabytes(seen.bytes), ms };
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
        ec2: { describeInstanceType: async () => undefined },
        slots: { read: async () => records },
        unavailableOfferings: { read: async () => new Map() },
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
      progress(`reading: ${kind} pods beside ${count} that run`);
      cases.push(await oneCase(kind, count));
    }
  }
  return { measured: MEASURED, cases };
};
