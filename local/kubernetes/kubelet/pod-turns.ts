import type { Clock } from "../../clock.ts";
import { controllerOf, type PodObject } from "../objects/objects.ts";
import { type NodeDelays, pick } from "./node-profile.ts";
import type { Timers } from "./timers.ts";

export interface PodTurnsOptions {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: () => number;
  readonly delays: NodeDelays;
}

/** When a node's pods start after a boot: of DaemonSets those on the host's network first, then those that need the pod network. */
export interface PodTurns {
  /** The node starts its first pods. */
  begin(): void;
  isDue(pod: PodObject): boolean;
  /** Calls back when the pod is due, once however often it is asked for. */
  await(pod: PodObject, due: () => void): void;
}

export const createPodTurns = ({ clock, timers, random, delays }: PodTurnsOptions): PodTurns => {
  const hostMs = pick(delays.hostNetworkMs, random);
  const podMs = hostMs + pick(delays.podNetworkMs, random);
  const waiting = new Set<string>();
  let beganAt = 0;

  const untilDue = (pod: PodObject): number => {
    if (controllerOf(pod)?.kind !== "DaemonSet") return 0;
    return beganAt + (pod.spec.hostNetwork ? hostMs : podMs) - clock.now();
  };

  return {
    begin: () => {
      beganAt = clock.now();
    },
    isDue: (pod) => untilDue(pod) <= 0,
    await: (pod, due) => {
      const { uid = "" } = pod.metadata;
      if (waiting.has(uid)) return;
      waiting.add(uid);
      timers.after(untilDue(pod), due);
    },
  };
};
