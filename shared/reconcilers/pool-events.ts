import type { KubeClient } from "../kube/client.ts";
import type { ReconcilerPorts } from "./ports.ts";

export interface EventTarget {
  readonly cluster: string;
  readonly pool: string;
  /** Of the NodePool; `kubectl describe` finds its events by it. */
  readonly uid: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface PoolEvent {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

/** Log lines, and events on the NodePool. What cannot be told is logged: it must not undo what was done. */
export const recordPoolEvents = async (
  kube: KubeClient,
  { telemetry: { log }, recordEvents }: Pick<ReconcilerPorts, "telemetry" | "recordEvents">,
  { cluster, pool, uid, now }: EventTarget,
  news: readonly PoolEvent[],
): Promise<void> => {
  for (const { reason, message } of news) log.info(message, { cluster, pool, reason });
  const object = { apiVersion: "stratos.sh/v1alpha1", kind: "NodePool", name: pool, uid };
  try {
    await recordEvents(
      kube,
      news.map(({ type, reason, message }) => ({ object, type, reason, message, now })),
    );
  } catch (error) {
    log.warn("recording events failed", { cluster, pool, error });
  }
};
