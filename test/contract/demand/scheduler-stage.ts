/** A real API server and a real scheduler without controllers and kubelets: Node objects stay as they are created. */
import { readFileSync, writeFileSync } from "node:fs";
import type { KubeClient } from "../../../shared/kube/client.ts";
import { createKubeClient } from "../../../shared/kube/http-client.ts";
import { paths } from "../../../shared/kube/paths.ts";
import { conditionOf, type KubePod } from "../../../shared/model/kubernetes/objects.ts";
import { SCHEDULER, writeKubeconfigOf } from "../../real/components.ts";
import { request } from "../api-server.ts";
import { type ControlPlane, startControlPlane } from "../control-plane.ts";
import { freePorts } from "../free-ports.ts";
import { type GuardedProcess, startGuarded, waitUntil } from "../guarded-process.ts";
import { applyDefinitions } from "../kube/definitions.ts";
import { findProgram } from "../programs.ts";
import { namespacesOf, type Place } from "./place.ts";
import { provisionVolumes, releaseClaims, STORAGE_CLASSES } from "./storage.ts";
import { CRITICAL, SANDBOXED, URGENT } from "./world.ts";

export interface SchedulerStage {
  /** With administrator rights. */
  readonly kube: KubeClient;
  /** Resolves once the scheduler has processed all earlier writes and its queues are empty. */
  settle(): Promise<void>;
  /** Creates the namespaces of the places, where they are missing. */
  prepare(places: readonly Place[]): Promise<void>;
  /** Deletes everything at the places. */
  clear(places: readonly Place[]): Promise<void>;
  stop(): Promise<void>;
}

/** The namespace of the pods that show the progress of the scheduler. */
const MARKERS = "markers";

const LIMIT_MS = 60_000;
/** The default of 50 calls per second would dominate the run time. */
const CALLS_PER_SECOND = 1000;

interface Scheduler {
  readonly process: GuardedProcess;
  /** Pods in its active and backoff queues, and pods that it is binding, which takes until their volumes are provisioned. */
  countBusy(): Promise<number>;
}

const startScheduler = async (controlPlane: ControlPlane): Promise<Scheduler> => {
  const { directory, tokenOf } = controlPlane;
  const [port = 0] = await freePorts(1);
  const kubeconfig = writeKubeconfigOf(controlPlane, directory, "kube-scheduler", tokenOf(SCHEDULER));
  const config = {
    apiVersion: "kubescheduler.config.k8s.io/v1",
    kind: "KubeSchedulerConfiguration",
    clientConnection: { kubeconfig, qps: CALLS_PER_SECOND, burst: CALLS_PER_SECOND },
    leaderElection: { leaderElect: false },
    // The minimum it accepts.
    podInitialBackoffSeconds: 1,
    podMaxBackoffSeconds: 1,
    // This plugin makes the scheduler try all pending pods again whenever any node is uncordoned. Standby nodes have taints as well.
    profiles: [
      { schedulerName: "default-scheduler", plugins: { filter: { disabled: [{ name: "NodeUnschedulable" }] } } },
    ],
  };
  const file = `${directory}/kube-scheduler.json`;
  writeFileSync(file, JSON.stringify(config));
  const process = startGuarded(
    findProgram("kube-scheduler"),
    [
      ...["--config", file, "--bind-address", "127.0.0.1", "--secure-port", String(port)],
      ...["--cert-dir", `${directory}/scheduler`, "--authorization-always-allow-paths", "/metrics"],
    ],
    `${directory}/kube-scheduler.log`,
  );
  const server = () => ({
    endpoint: `https://127.0.0.1:${port}`,
    ca: readFileSync(`${directory}/scheduler/kube-scheduler.crt`, "utf8"),
    token: "anybody",
  });
  const countBusy = async () => {
    const { body } = await request(server(), "GET", "/metrics");
    const queues = [...String(body).matchAll(/^scheduler_pending_pods\{queue="(?:active|backoff)"\} (\d+)$/gm)];
    if (queues.length !== 2) throw new Error(`the scheduler reports no queue metrics: ${String(body).slice(0, 200)}`);
    const work = [...String(body).matchAll(/^scheduler_goroutines\{operation="\w+"\} (\d+)$/gm)];
    return [...queues, ...work].reduce((sum, [, count]) => sum + Number(count), 0);
  };
  return { process, countBusy };
};

const MARKER = "marker";
const taint = { key: MARKER, effect: "NoSchedule" };

/** Without zone and host labels the node affects no pods but those that show the progress of the scheduler. */
const createMarkerNode = (kube: KubeClient) =>
  kube.create(paths.nodes(), {
    metadata: { name: MARKER },
    spec: { taints: [taint] },
    status: { allocatable: { pods: "10000" }, conditions: [{ type: "Ready", status: "True" }] },
  });

/**
 * Changes the node and creates a pod that fits only since then, after everything else: its binding shows that the scheduler has seen all earlier
 * writes. Another node each time would make the scheduler try all pending pods again.
 */
const mark = async (kube: KubeClient, count: number): Promise<KubePod> => {
  const labels = { [MARKER]: String(count) };
  await kube.patch(paths.node(MARKER), "merge", { metadata: { labels } });
  const tolerations = [{ ...taint, operator: "Exists" }];
  return kube.create(paths.podsIn(MARKERS), {
    metadata: { name: `marker-${count}` },
    spec: { nodeSelector: labels, tolerations, containers: [{ name: "main", image: "none" }] },
  });
};

/** The node of each pod or its unschedulability; undefined while the scheduler has not tried every pod. */
const snapshot = async (kube: KubeClient): Promise<string | undefined> => {
  const pods = (await kube.list<KubePod>(paths.pods())).filter(({ metadata }) => metadata.namespace !== MARKERS);
  const nodes = pods.map((pod) => pod.spec.nodeName ?? (conditionOf(pod, "PodScheduled") && "nowhere"));
  if (nodes.includes(undefined)) return undefined;
  return pods.map(({ metadata }, index) => `${metadata.uid} ${nodes[index]}`).join();
};

interface Role {
  readonly rules: readonly { readonly resources?: readonly string[] }[];
}

const SCHEDULER_ROLE = "/apis/rbac.authorization.k8s.io/v1/clusterroles/system:kube-scheduler";

/** Nobody reads the scheduler's events, which would be a quarter of all writes. */
const forbidEvents = async (kube: KubeClient): Promise<void> => {
  const role = await kube.get<Role>(SCHEDULER_ROLE);
  const rules = role?.rules.filter(({ resources }) => !resources?.includes("events"));
  await kube.patch(SCHEDULER_ROLE, "merge", { rules });
};

const createShared = async (kube: KubeClient): Promise<void> => {
  await forbidEvents(kube);
  for (const [name, value, preemptionPolicy] of [
    [URGENT, 1000, "Never"],
    [CRITICAL, 2000, "PreemptLowerPriority"],
  ] as const)
    await kube.create("/apis/scheduling.k8s.io/v1/priorityclasses", { metadata: { name }, value, preemptionPolicy });
  await kube.create("/apis/node.k8s.io/v1/runtimeclasses", {
    metadata: { name: SANDBOXED },
    handler: SANDBOXED,
    overhead: { podFixed: { cpu: "250m", memory: "120Mi" } },
  });
  for (const { path, object } of STORAGE_CLASSES) await kube.create(path, object);
  await kube.create(paths.namespaces(), { metadata: { name: MARKERS } });
  await createMarkerNode(kube);
};

/** Pending pods first: the scheduler would try them again whenever another pod ends. */
const clear = async (kube: KubeClient, places: readonly Place[]): Promise<void> => {
  const namespaces = [MARKERS, ...places.flatMap((place) => Object.keys(namespacesOf(place)))];
  for (const pods of ["?fieldSelector=spec.nodeName%3D", ""])
    await Promise.all(namespaces.map((name) => kube.delete(`${paths.podsIn(name)}${pods}`, { gracePeriodSeconds: 0 })));
  await releaseClaims(kube);
  const all = [paths.nodes(), paths.nodePools(), paths.nodeClasses(), paths.csiNodes(), paths.persistentVolumes()];
  const own = [
    ...places.map(({ system }) => `/apis/apps/v1/namespaces/${system}/daemonsets`),
    ...places.flatMap(({ namespaces: ofPods }) => Object.keys(ofPods).map(paths.claimsIn)),
  ];
  await Promise.all([...all, ...own].map((path) => kube.delete(path)));
  await createMarkerNode(kube);
};

const start = async (controlPlane: ControlPlane, scheduler: Scheduler): Promise<SchedulerStage> => {
  const { endpoint, ca, token } = controlPlane;
  const kube = createKubeClient({ endpoint, ca, token: async () => token });
  await applyDefinitions(controlPlane);
  await createShared(kube);
  const wait = (what: string, isTrue: () => Promise<boolean>) => waitUntil(what, LIMIT_MS, [scheduler.process], isTrue);

  let marks = 0;
  const catchUp = async (): Promise<void> => {
    marks += 1;
    const path = `${paths.podsIn(MARKERS)}/${(await mark(kube, marks)).metadata.name}`;
    await wait(
      "waiting for the scheduler to catch up",
      async () => (await kube.get<KubePod>(path))?.spec.nodeName !== undefined,
    );
    await wait("waiting for the scheduler's queues to empty", async () => {
      await provisionVolumes(kube);
      return (await scheduler.countBusy()) === 0;
    });
  };
  const settle = async (): Promise<void> => {
    let seen: string | undefined;
    await wait("waiting for the scheduler to settle", async () => {
      await catchUp();
      const before = seen;
      seen = await snapshot(kube);
      return seen !== undefined && seen === before;
    });
  };
  const stop = async () => {
    await scheduler.process.stop();
    await controlPlane.stop();
  };
  const known = new Set<string>();
  const prepare = async (places: readonly Place[]) => {
    const missing = places.filter(({ name }) => !known.has(name));
    for (const { name } of missing) known.add(name);
    const namespaces = missing.flatMap((place) => Object.entries(namespacesOf(place)));
    await Promise.all(
      namespaces.map(([name, labels]) => kube.create(paths.namespaces(), { metadata: { name, labels } })),
    );
  };
  return { kube, settle, prepare, clear: (places) => clear(kube, places), stop };
};

/** Throws if a program is missing; the message says how to get it. */
export const startSchedulerStage = async (): Promise<SchedulerStage> => {
  findProgram("kube-scheduler");
  const controlPlane = await startControlPlane(
    [{ user: SCHEDULER, groups: [] }],
    // The first two depend on controllers, which set new nodes Ready and release volumes in use. The others read limits that no namespace has.
    ["--disable-admission-plugins", "TaintNodesByCondition,StorageObjectInUseProtection,LimitRanger,ResourceQuota"],
  );
  let scheduler: Scheduler | undefined;
  try {
    scheduler = await startScheduler(controlPlane);
    return await start(controlPlane, scheduler);
  } catch (error) {
    await scheduler?.process.stop();
    await controlPlane.stop();
    throw error;
  }
};
