/**
 * Which nodes' kubelets are alive. Stands for the Leases that kubelets renew every 10 s: here nothing is written while nothing
 * changes, or an idle cluster of stopped clocks would have to be woken for each of them.
 */
export interface Heartbeats {
  start(nodeName: string, now: number): void;
  stop(nodeName: string, now: number): void;
  isAlive(nodeName: string): boolean;
  /** When the kubelet last renewed its lease; undefined for a node that never had one. */
  lastBeat(nodeName: string, now: number): number | undefined;
  /** Called when a kubelet falls silent. */
  onSilence(listener: (nodeName: string) => void): () => void;
}

/** Kubelet's leaseDurationSeconds is 40; it renews at a quarter of that. */
const RENEW_MS = 10_000;

interface Beat {
  readonly since: number;
  readonly until: number;
}

export const createHeartbeats = (): Heartbeats => {
  const beats = new Map<string, Beat>();
  const listeners = new Set<(nodeName: string) => void>();
  return {
    start: (nodeName, now) => void beats.set(nodeName, { since: now, until: Number.POSITIVE_INFINITY }),
    stop: (nodeName, now) => {
      const beat = beats.get(nodeName);
      if (!beat || beat.until < now) return;
      beats.set(nodeName, { since: beat.since, until: now });
      for (const listener of listeners) listener(nodeName);
    },
    isAlive: (nodeName) => beats.get(nodeName)?.until === Number.POSITIVE_INFINITY,
    lastBeat: (nodeName, now) => {
      const beat = beats.get(nodeName);
      if (!beat) return undefined;
      const lasted = Math.min(beat.until, now) - beat.since;
      return beat.since + Math.floor(lasted / RENEW_MS) * RENEW_MS;
    },
    onSilence: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
};
