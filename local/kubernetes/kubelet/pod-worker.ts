import type { Clock } from "../../clock.ts";
import type { Store } from "../api-server/store.ts";
import type { PodObject } from "../objects/objects.ts";
import type { RecordEvent } from "../objects/record-event.ts";
import { ATTACHMENTS, csiVolumesOf, type VolumeAttachment } from "../objects/volumes.ts";
import { exitOf, exitOfPod, stopMs } from "./container-exit.ts";
import { ensureImages, type ImageCache } from "./image-cache.ts";
import { accessPod } from "./pod-object.ts";
import { type PodAddresses, setCreating, setRunning, setShutDown, setTerminated, setWaiting } from "./pod-status.ts";
import type { Timers } from "./timers.ts";

/** From a pod's images being present to its containers running: 0.4 to 0.6 s with the real kubelet. */
const START_MS = 500;
/**
 * From the exit of a deleted pod's containers, which its phase reports, to the removal of its object. The kubelet unmounts the
 * volumes in between. Source: kubernetes, pkg/kubelet/status, canBeDeleted.
 */
const VOLUME_CLEANUP_MS = 300;
/** How often the kubelet looks whether a volume is attached: a belief. */
const ATTACHED_POLL_MS = 1_000;
/** Backoff of failed pulls and restarts: 10 s, doubling up to 5 min. */
const FIRST_BACKOFF_MS = 10_000;
const MAX_BACKOFF_MS = 300_000;

export interface PodWorkerOptions {
  readonly clock: Pick<Clock, "now">;
  readonly store: Store;
  readonly timers: Timers;
  readonly images: ImageCache;
  readonly recordEvent: RecordEvent;
  readonly addresses: PodAddresses;
  /** Its readiness probe never succeeds. */
  readonly staysUnready?: boolean;
}

/** Whether the attach/detach controller has attached the pod's volumes to its node. */
const areAttached = (store: Store, pod: PodObject): boolean =>
  csiVolumesOf(store, pod).every(({ name }) =>
    store
      .list<VolumeAttachment>(ATTACHMENTS)
      .some(
        ({ spec, status }) =>
          spec.nodeName === pod.spec.nodeName && spec.source.persistentVolumeName === name && status.attached,
      ),
  );

/** Runs one pod on one node, from admission by the kubelet to its end. */
export interface PodWorker {
  readonly pod: PodObject;
  start(): void;
  /** Stops the pod within its grace period, then removes it. */
  stop(pod: PodObject): void;
  /** Ends the pod because the machine shuts down, and leaves its object. Returns how long that takes, at most `limitMs`. */
  terminate(limitMs: number): number;
  /** Call this when the pod object is already gone. */
  discard(): void;
}

/** The exit reported for a pod whose containers the kubelet finds gone after a boot. */
const LOST = { exitCode: 137, reason: "ContainerStatusUnknown" };

const isRestartable = ({ spec }: PodObject): boolean => spec.restartPolicy !== "Never";

const imagesOf = ({ spec }: PodObject): Set<string> =>
  new Set([...(spec.initContainers ?? []), ...spec.containers].flatMap(({ image }) => image ?? []));

/** Init containers run in sequence. A sidecar does not delay the next one. */
const initMs = ({ spec }: PodObject): number =>
  (spec.initContainers ?? []).reduce((sum, container) => {
    const runMs = container.restartPolicy === "Always" ? 0 : (exitOf(container)?.afterMs ?? 0);
    return sum + START_MS + runMs;
  }, 0);

const readyDelayMs = ({ spec }: PodObject): number =>
  Math.max(0, ...spec.containers.map(({ readinessProbe }) => readinessProbe?.initialDelaySeconds ?? 0)) * 1000;

const graceMsOf = ({ metadata, spec }: PodObject): number =>
  (metadata.deletionGracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? 30) * 1000;

const backoffMs = (attempt: number): number => Math.min(FIRST_BACKOFF_MS * 2 ** attempt, MAX_BACKOFF_MS);

export const createPodWorker = (pod: PodObject, options: PodWorkerOptions): PodWorker => {
  const { clock, store, timers, images, recordEvent, addresses, staysUnready } = options;
  const object = accessPod(store, pod);
  let isOver = false;
  let isStopping = false;

  const later = (delayMs: number, run: () => void): void =>
    void timers.after(delayMs, () => {
      if (!isOver && !isStopping) run();
    });

  const write = (change: (current: PodObject) => void): void => {
    if (!isOver) object.writeStatus(change);
  };

  const report = (change: (current: PodObject) => void): void => {
    if (!isStopping) write(change);
  };

  const emitEvent = (type: "Normal" | "Warning", reason: string, message: string): void =>
    recordEvent(pod, { type, reason, message, component: "kubelet" });

  const finish = (exitCode: number, attempt: number): void => {
    if (exitCode === 0 || !isRestartable(pod)) {
      report((current) => setTerminated(current, exitCode, clock.now()));
      return;
    }
    emitEvent("Warning", "BackOff", "Back-off restarting failed container");
    report((current) => setWaiting(current, "CrashLoopBackOff", "back-off restarting failed container"));
    later(backoffMs(attempt), () => begin(attempt + 1, true));
  };

  const run = (attempt: number): void => {
    const delayMs = readyDelayMs(pod);
    const isReadyAtOnce = delayMs === 0 && !staysUnready;
    report((current) => setRunning(current, addresses, clock.now(), isReadyAtOnce));
    if (!isReadyAtOnce && !staysUnready)
      later(delayMs, () => report((current) => setRunning(current, addresses, clock.now(), true)));
    const end = exitOfPod(pod.spec);
    if (end) later(end.afterMs, () => finish(end.exitCode, attempt));
  };

  const pull = (attempt: number, whenThere: () => void): void =>
    ensureImages(images, imagesOf(pod), (failed) => {
      if (isOver || isStopping) return;
      if (failed === undefined) {
        whenThere();
        return;
      }
      emitEvent("Warning", "Failed", `Failed to pull image "${failed}"`);
      report((current) => setWaiting(current, "ImagePullBackOff", `Back-off pulling image "${failed}"`));
      later(backoffMs(attempt), () => pull(attempt + 1, whenThere));
    });

  const awaitVolumes = (attached: () => void): void => {
    if (areAttached(store, pod)) attached();
    else later(ATTACHED_POLL_MS, () => awaitVolumes(attached));
  };

  const begin = (attempt: number, isRestart: boolean): void => {
    report((current) => setCreating(current, addresses, clock.now(), isRestart));
    awaitVolumes(() => pull(0, () => later(initMs(pod) + START_MS, () => run(attempt))));
  };

  const remove = (): void => {
    if (!isOver) object.remove();
  };

  return {
    pod,
    start: () => {
      const wasRunning = pod.status.phase === "Running";
      if (!wasRunning || isRestartable(pod)) begin(0, wasRunning);
      else report((current) => setTerminated(current, LOST.exitCode, clock.now(), LOST.reason));
    },
    stop: (deleted) => {
      if (isStopping || isOver) return;
      isStopping = true;
      emitEvent("Normal", "Killing", "Stopping container");
      timers.after(stopMs(deleted.spec, graceMsOf(deleted)), () => {
        write((current) => setTerminated(current, 0, clock.now()));
        timers.after(VOLUME_CLEANUP_MS, remove);
      });
    },
    terminate: (limitMs) => {
      if (isStopping || isOver) return 0;
      isStopping = true;
      emitEvent("Normal", "Killing", "Stopping container");
      const endMs = Math.min(limitMs, stopMs(pod.spec, graceMsOf(pod)));
      timers.after(endMs, () => {
        if (!object.isFinished()) write((current) => setShutDown(current, clock.now()));
        if (object.isDeleted()) remove();
      });
      return endMs;
    },
    discard: () => {
      isOver = true;
    },
  };
};
