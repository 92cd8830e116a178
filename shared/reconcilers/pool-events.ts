import type { KubeClient } from "../kube/client.ts";
import type { ReconcilerPorts } from "./ports.ts";

export interface ToldPool {
  readonly cluster: string;
  readonly pool: string;
  /** Of the NodePool; `kubectl describe` finds its events by it. */
  readonly uid: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface PoolNews {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

/** Log lines, and events on the NodePool. What cannot be told is logged: it must not undo what was done. */
export const tellPool = async (
  kube: KubeClient,
  { telemetry: { log }, recordEvents }: Pick<ReconcilerPorts, "telemetry" | "recordEvents">,
  { cluster, pool, uid, now }: ToldPool,
  news: readonly PoolNews[],
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
