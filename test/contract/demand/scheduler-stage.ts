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
import { SANDBOXED, URGENT } from "./world.ts";

export interface SchedulerStage {
  /** With administrator rights. */
  readonly kube: KubeClient;
  /** Resolves once the scheduler has processed all earlier writes and its queues are empty. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

/** The namespace of the pods that show the progress of the scheduler. */
export const MARKERS = "markers";

export const podsIn = (namespace: string): string => `/api/v1/namespaces/${namespace}/pods`;

const LIMIT_MS = 60_000;
/** The default of 50 calls per second would dominate the run time. */
const CALLS_PER_SECOND = 1000;

interface Scheduler {
  readonly process: GuardedProcess;
  /** Pods in its active and backoff queues. */
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
    return queues.reduce((sum, [, count]) => sum + Number(count), 0);
  };
  return { process, countBusy };
};

const taint = { key: "marker", effect: "NoSchedule" };

/**
 * Creates a node and a pod that fits only there, after everything else: its binding shows that the scheduler has seen all earlier writes.
 * Without zone and host labels the node affects no other pod.
 */
const mark = async (kube: KubeClient, count: number): Promise<KubePod> => {
  const name = `marker-${count}`;
  const labels = { marker: name };
  await kube.create(paths.nodes(), {
    metadata: { name, labels },
    spec: { taints: [taint] },
    status: { allocatable: { pods: "1" }, conditions: [{ type: "Ready", status: "True" }] },
  });
  const tolerations = [{ ...taint, operator: "Exists" }];
  return kube.create(podsIn(MARKERS), {
    metadata: { name },
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

type Namespaces = Readonly<Record<string, Readonly<Record<string, string>>>>;

const start = async (
  controlPlane: ControlPlane,
  scheduler: Scheduler,
  namespaces: Namespaces,
): Promise<SchedulerStage> => {
  const { endpoint, ca, token } = controlPlane;
  const kube = createKubeClient({ endpoint, ca, token: async () => token });
  await applyDefinitions(controlPlane);
  for (const [name, labels] of Object.entries({ ...namespaces, [MARKERS]: {} })) {
    await kube.create("/api/v1/namespaces", { metadata: { name, labels } });
  }
  await kube.create("/apis/scheduling.k8s.io/v1/priorityclasses", {
    metadata: { name: URGENT },
    value: 1000,
    preemptionPolicy: "Never",
  });
  await kube.create("/apis/node.k8s.io/v1/runtimeclasses", {
    metadata: { name: SANDBOXED },
    handler: SANDBOXED,
    overhead: { podFixed: { cpu: "250m", memory: "120Mi" } },
  });
  const wait = (what: string, isTrue: () => Promise<boolean>) => waitUntil(what, LIMIT_MS, [scheduler.process], isTrue);

  let marks = 0;
  const catchUp = async (): Promise<void> => {
    marks += 1;
    const path = `${podsIn(MARKERS)}/${(await mark(kube, marks)).metadata.name}`;
    await wait(
      "waiting for the scheduler to catch up",
      async () => (await kube.get<KubePod>(path))?.spec.nodeName !== undefined,
    );
    await wait("waiting for the scheduler's queues to empty", async () => (await scheduler.countBusy()) === 0);
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
  return { kube, settle, stop };
};

/** `namespaces` maps names to labels. Throws if a program is missing; the message says how to get it. */
export const startSchedulerStage = async (namespaces: Namespaces): Promise<SchedulerStage> => {
  findProgram("kube-scheduler");
  const controlPlane = await startControlPlane(
    [{ user: SCHEDULER, groups: [] }],
    // These depend on controllers, which set new nodes Ready and release volumes in use.
    ["--disable-admission-plugins", "TaintNodesByCondition,StorageObjectInUseProtection"],
  );
  let scheduler: Scheduler | undefined;
  try {
    scheduler = await startScheduler(controlPlane);
    return await start(controlPlane, scheduler, namespaces);
  } catch (error) {
    await scheduler?.process.stop();
    await controlPlane.stop();
    throw error;
  }
};
