import type { KubeClient } from "../kube/client.ts";
import { recordEvent } from "../kube/events.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";

export interface PoolNews {
  readonly cluster: string;
  readonly pool: string;
  /** Of the NodePool; `kubectl describe` finds its events by it. */
  readonly uid: string | undefined;
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** A log line, and an event on the NodePool. What cannot be told is logged: it must not undo what was done. */
export const tellPool = async (
  kube: KubeClient,
  { log }: Pick<Telemetry, "log">,
  { cluster, pool, uid, type, reason, message, now }: PoolNews,
): Promise<void> => {
  log.info(message, { cluster, pool, reason });
  const object = { apiVersion: "stratos.sh/v1alpha1", kind: "NodePool", name: pool, uid };
  try {
    await recordEvent(kube, { object, type, reason, message, now });
  } catch (error) {
    log.warn("recording an event failed", { cluster, pool, reason, error });
  }
};
