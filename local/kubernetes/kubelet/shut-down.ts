/**
 * The end of a kubelet while the operating system shuts down. EC2 gives it several minutes (EC2 User Guide, "How EC2 instance stop and start
 * works"); the machine's power goes off when the instance has stopped.
 */
import type { PodObject } from "../objects/objects.ts";
import { type Delay, pick } from "./node-profile.ts";
import type { PodWorker } from "./pod-worker.ts";
import type { Timers } from "./timers.ts";

/** From the ACPI signal until systemd stops the kubelet, or logind tells it of the shutdown: a belief. */
const SIGNAL_MS: Delay = { min: 1_000, spread: 3_000 };
/** What nodeadm reserves of the grace period for critical pods (awslabs/amazon-eks-ami#2390). */
const CRITICAL_PODS_MS = 30_000;
/** SystemCriticalPriority: pkg/apis/scheduling/types.go. */
const CRITICAL_PRIORITY = 2_000_000_000;

export interface ShutDownOptions {
  readonly timers: Timers;
  readonly random: () => number;
  /** The kubelet's shutdownGracePeriod; without it systemd stops the kubelet, which writes nothing. */
  readonly graceMs: number;
  workers(): readonly PodWorker[];
  /** The kubelet learns of the shutdown. */
  onNotice(): void;
  /** The kubelet exits. */
  onExit(): void;
}

const isCritical = ({ spec, metadata }: PodObject): boolean =>
  (spec.priority ?? 0) >= CRITICAL_PRIORITY || metadata.annotations?.["kubernetes.io/config.mirror"] !== undefined;

/** Source: kubernetes, pkg/kubelet/nodeshutdown, nodeshutdown_manager_linux.go. */
export const shutDownKubelet = ({ timers, random, graceMs, workers, onNotice, onExit }: ShutDownOptions): void => {
  const terminate = (areCritical: boolean, limitMs: number, done: () => void): void => {
    const ending = workers().filter(({ pod }) => isCritical(pod) === areCritical);
    timers.after(Math.max(0, ...ending.map((worker) => worker.terminate(limitMs))), done);
  };
  timers.after(pick(SIGNAL_MS, random), () => {
    if (graceMs === 0) onExit();
    else {
      onNotice();
      terminate(false, graceMs - CRITICAL_PODS_MS, () => terminate(true, CRITICAL_PODS_MS, onExit));
    }
  });
};
