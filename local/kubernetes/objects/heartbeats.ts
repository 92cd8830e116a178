/**
 * Tracks which kubelets are alive. Replaces the Lease renewals that kubelets send every 10 s: each of those writes would wake
 * an idle cluster whose clock is stopped.
 */
export interface Heartbeats {
  start(nodeName: string, now: number): void;
  stop(nodeName: string, now: number): void;
  isAlive(nodeName: string): boolean;
  /** The time of the kubelet's last lease renewal; undefined if the node never had a lease. */
  lastBeat(nodeName: string, now: number): number | undefined;
  /** Calls the listener when a kubelet stops renewing. Returns the unsubscribe function. */
  onSilence(listener: (nodeName: string) => void): () => void;
}

/** The kubelet's leaseDurationSeconds is 40, and it renews at a quarter of that. */
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
