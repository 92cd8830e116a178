import type { KubeClient } from "../kube/client.ts";
import type { EventReport } from "../kube/event-correlation.ts";
import { API_GROUP, API_VERSION } from "../model/names.ts";
import type { LogFields } from "../telemetry/telemetry.ts";
import type { ReconcilerPorts } from "./ports.ts";

type EventPorts = Pick<ReconcilerPorts, "telemetry" | "recordEvents">;

/** Records events; a failure is logged with `fields` and never thrown, because an event must not undo what was done. */
export const tryRecordEvents = async (
  kube: KubeClient,
  { telemetry, recordEvents }: EventPorts,
  reports: readonly EventReport[],
  fields: LogFields,
): Promise<void> => {
  try {
    if (reports.length > 0) await recordEvents(kube, reports);
  } catch (error) {
    telemetry.log.warn("recording events failed", { ...fields, error });
  }
};

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

/** Writes log lines, and events on the NodePool. */
export const recordPoolEvents = async (
  kube: KubeClient,
  ports: EventPorts,
  { cluster, pool, uid, now }: EventTarget,
  events: readonly PoolEvent[],
): Promise<void> => {
  for (const { reason, message } of events) ports.telemetry.log.info(message, { cluster, pool, reason });
  const object = { apiVersion: `${API_GROUP}/${API_VERSION}`, kind: "NodePool", name: pool, uid };
  const reports = events.map(({ type, reason, message }) => ({ object, type, reason, message, now }));
  await tryRecordEvents(kube, ports, reports, { cluster, pool });
};
