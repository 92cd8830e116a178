import type { Clock } from "../../clock.ts";
import type { Store } from "../api-server/store.ts";
import type { PodObject } from "../objects.ts";
import type { RecordEvent } from "../record-event.ts";
import { endOf, endOfPod, stopMs } from "./behaviour.ts";
import { fetchAll, type ImageCache } from "./image-cache.ts";
import { beginPod, endPod, holdPod, type Place, runPod } from "./pod-status.ts";
import type { Timers } from "./timers.ts";

/** From a pod whose images are there to its containers running: with the real kubelet, 0.4 to 0.6 s. */
const START_MS = 500;
/**
 * From the end of a deleted pod's containers, which its phase tells, to its object gone: kubelet unmounts its volumes first.
 * Source: kubernetes, pkg/kubelet/status, canBeDeleted.
 */
const RECLAIM_MS = 300;
/** Back-off of failed pulls and restarts: 10 s, doubled up to 5 min. */
const FIRST_BACKOFF_MS = 10_000;
const LONGEST_BACKOFF_MS = 300_000;

export interface PodRunOptions {
  readonly clock: Clock;
  readonly store: Store;
  readonly timers: Timers;
  readonly images: ImageCache;
  readonly recordEvent: RecordEvent;
  readonly place: Place;
}

/** One pod on one node, from kubelet taking it on to its end. */
export interface PodRun {
  start(): void;
  /** Takes the pod down within its grace period and lets it go. */
  stop(pod: PodObject): void;
  /** The pod is gone already. */
  abandon(): void;
}

/** What a pod's end is reported with when kubelet finds its containers gone after a boot. */
const LOST = { exitCode: 137, reason: "ContainerStatusUnknown" };

const isRestartable = ({ spec }: PodObject): boolean => spec.restartPolicy !== "Never";

const imagesOf = ({ spec }: PodObject): Set<string> =>
  new Set([...(spec.initContainers ?? []), ...spec.containers].flatMap(({ image }) => image ?? []));

/** Init containers run one after the other; sidecars do not hold up the next. */
const initMs = ({ spec }: PodObject): number =>
  (spec.initContainers ?? []).reduce((sum, container) => {
    const runs = container.restartPolicy === "Always" ? 0 : (endOf(container)?.afterMs ?? 0);
    return sum + START_MS + runs;
  }, 0);

const readyDelayMs = ({ spec }: PodObject): number =>
  Math.max(0, ...spec.containers.map(({ readinessProbe }) => readinessProbe?.initialDelaySeconds ?? 0)) * 1000;

const backoffMs = (attempt: number): number => Math.min(FIRST_BACKOFF_MS * 2 ** attempt, LONGEST_BACKOFF_MS);

export const createPodRun = (pod: PodObject, options: PodRunOptions): PodRun => {
  const { clock, store, timers, images, recordEvent, place } = options;
  const { name, namespace, uid } = pod.metadata;
  let isOver = false;
  let isStopping = false;

  const later = (delayMs: number, run: () => void): void =>
    void timers.after(delayMs, () => {
      if (!isOver && !isStopping) run();
    });

  const write = (change: (current: PodObject) => void): void => {
    if (isOver) return;
    store.change<PodObject>(
      "pods",
      name,
      namespace,
      (current) => (current.metadata.uid === uid ? change(current) : false),
      { status: true },
    );
  };

  const report = (change: (current: PodObject) => void): void => {
    if (!isStopping) write(change);
  };

  const say = (type: "Normal" | "Warning", reason: string, message: string): void =>
    recordEvent(pod, { type, reason, message, component: "kubelet" });

  const finish = (exitCode: number, attempt: number): void => {
    if (exitCode === 0 || !isRestartable(pod)) {
      report((current) => endPod(current, exitCode, clock.now()));
      return;
    }
    say("Warning", "BackOff", "Back-off restarting failed container");
    report((current) => holdPod(current, "CrashLoopBackOff", "back-off restarting failed container"));
    later(backoffMs(attempt), () => begin(attempt + 1, true));
  };

  const run = (attempt: number): void => {
    const delayMs = readyDelayMs(pod);
    report((current) => runPod(current, place, clock.now(), delayMs === 0));
    if (delayMs > 0) later(delayMs, () => report((current) => runPod(current, place, clock.now(), true)));
    const end = endOfPod(pod.spec);
    if (end) later(end.afterMs, () => finish(end.exitCode, attempt));
  };

  const pull = (attempt: number, whenThere: () => void): void =>
    fetchAll(images, imagesOf(pod), (failed) => {
      if (isOver || isStopping) return;
      if (failed === undefined) {
        whenThere();
        return;
      }
      say("Warning", "Failed", `Failed to pull image "${failed}"`);
      report((current) => holdPod(current, "ImagePullBackOff", `Back-off pulling image "${failed}"`));
      later(backoffMs(attempt), () => pull(attempt + 1, whenThere));
    });

  const begin = (attempt: number, isRestart: boolean): void => {
    report((current) => beginPod(current, place, clock.now(), isRestart));
    pull(0, () => later(initMs(pod) + START_MS, () => run(attempt)));
  };

  return {
    start: () => {
      const ranBefore = pod.status.phase === "Running";
      if (!ranBefore || isRestartable(pod)) begin(0, ranBefore);
      else report((current) => endPod(current, LOST.exitCode, clock.now(), LOST.reason));
    },
    stop: ({ spec, metadata }) => {
      if (isStopping || isOver) return;
      isStopping = true;
      say("Normal", "Killing", "Stopping container");
      timers.after(stopMs(spec, (metadata.deletionGracePeriodSeconds ?? 30) * 1000), () => {
        write((current) => endPod(current, 0, clock.now()));
        timers.after(RECLAIM_MS, () => {
          if (isOver || store.get("pods", name, namespace)?.metadata.uid !== uid) return;
          store.remove("pods", name, namespace, { gracePeriodSeconds: 0 });
        });
      });
    },
    abandon: () => {
      isOver = true;
    },
  };
};
