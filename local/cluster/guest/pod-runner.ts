/** What kubelet does with the pods bound to its node: pull, start, finish, stop. */
import type { Clock } from "../../clock.ts";
import type { Machine } from "../../ec2/machines.ts";
import type { Store } from "../../kube/store.ts";
import { isFinished, type PodObject, rfc3339, setCondition } from "../objects.ts";

const START_POD_MS = 500;
const STOP_POD_MS = 1_000;
const PULL_MS = 4_000;
const READINESS = ["Initialized", "Ready", "ContainersReady"];

export interface PodRunnerOptions {
  readonly clock: Clock;
  readonly store: Store;
  readonly machine: Machine;
  /** Images on the instance's disk; they outlast a stop. */
  readonly images: Set<string>;
  readonly random: () => number;
  /** Runs after so long, if the power is still on. */
  readonly later: (delayMs: number, run: () => void) => void;
}

/** How long a container's `sleep N` takes; undefined for a pod that runs for ever. */
const runtimeMs = ({ spec }: PodObject): number | undefined => {
  const text = spec.containers.flatMap(({ command = [], args = [] }) => [...command, ...args]).join(" ");
  const seconds = /\bsleep\s+(\d+(?:\.\d+)?)\b/.exec(text)?.[1];
  return spec.restartPolicy === "Always" || seconds === undefined ? undefined : Number(seconds) * 1000;
};

const containerStatuses = ({ spec }: PodObject, ready: boolean, time: string) =>
  spec.containers.map(({ name, image = "" }) => ({
    name,
    image,
    imageID: image,
    ready,
    started: ready,
    restartCount: 0,
    state: ready ? { running: { startedAt: time } } : { terminated: { exitCode: 0, reason: "Completed" } },
  }));

/** Returns what to call with every pod of the node that appears or changes. */
export const createPodRunner = (options: PodRunnerOptions): ((pod: PodObject) => void) => {
  const { clock, store, machine, images, random, later } = options;
  const known = new Map<string, "starting" | "running" | "stopping">();

  const report = ({ metadata }: PodObject, phase: string, ready: boolean) => {
    const change = (pod: PodObject) => {
      if (pod.metadata.uid !== metadata.uid) return false;
      const now = clock.now();
      pod.status.phase = phase;
      pod.status.startTime ??= rfc3339(now);
      pod.status.hostIP = machine.privateIp;
      for (const type of READINESS) setCondition(pod, { type, status: ready ? "True" : "False" }, now);
      pod.status.containerStatuses = containerStatuses(pod, ready, rfc3339(now));
      return true;
    };
    store.change<PodObject>("pods", metadata.name, metadata.namespace, change, { status: true });
  };

  const start = (pod: PodObject) => {
    const uid = pod.metadata.uid ?? "";
    known.set(uid, "starting");
    const missing = pod.spec.containers.map(({ image = "" }) => image).filter((image) => !images.has(image));
    const pullMs = missing.length > 0 ? PULL_MS * (1 + random()) : 0;
    later(pullMs + START_POD_MS, () => {
      for (const image of missing) images.add(image);
      if (known.get(uid) !== "starting") return;
      known.set(uid, "running");
      report(pod, "Running", true);
      const runsMs = runtimeMs(pod);
      if (runsMs !== undefined) later(runsMs, () => report(pod, "Succeeded", false));
    });
  };

  const stop = (pod: PodObject) => {
    const { uid = "", name, namespace } = pod.metadata;
    known.set(uid, "stopping");
    later(Math.min(STOP_POD_MS, (pod.metadata.deletionGracePeriodSeconds ?? 30) * 1000), () => {
      known.delete(uid);
      if (store.get("pods", name, namespace)?.metadata.uid !== uid) return;
      store.remove("pods", name, namespace, { gracePeriodSeconds: 0 });
    });
  };

  return (pod) => {
    const uid = pod.metadata.uid ?? "";
    if (pod.spec.nodeName !== machine.privateDnsName) return;
    if (pod.metadata.deletionTimestamp) {
      if (known.get(uid) !== "stopping") stop(pod);
    } else if (!known.has(uid) && !isFinished(pod)) {
      start(pod);
    }
  };
};
