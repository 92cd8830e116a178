import { createHash } from "node:crypto";
import { type KubeClient, KubeError } from "./client.ts";
import { type CorrelatedEvent, createEventCorrelator, type EventReport } from "./event-correlation.ts";
import { paths } from "./paths.ts";

/** Records Kubernetes events; throws the API server's errors. */
export type RecordEvents = (kube: KubeClient, reports: readonly EventReport[]) => Promise<void>;

/** The namespace for events of cluster-scoped objects. */
const DEFAULT_NAMESPACE = "default";

interface StoredEvent {
  readonly count?: number;
}

/** The event's name is derived from its key. If it exists already, updates its count, time and message. */
const record = async (kube: KubeClient, { key, report, count }: CorrelatedEvent): Promise<void> => {
  const { object, type, reason, message, now } = report;
  const { namespace = DEFAULT_NAMESPACE } = object;
  const name = `${object.name}.${createHash("sha256").update(key).digest("hex").slice(0, 16)}`;
  const time = new Date(now).toISOString().replace(/\.\d+Z$/, "Z");
  try {
    await kube.create(paths.events(namespace), {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name, namespace },
      involvedObject: object,
      type,
      reason,
      message,
      source: { component: "stratos" },
      firstTimestamp: time,
      lastTimestamp: time,
      count,
    });
  } catch (error) {
    if (!(error instanceof KubeError) || error.status !== 409) throw error;
    const path = paths.event(namespace, name);
    const { count: previousCount = 1 } = (await kube.get<StoredEvent>(path)) ?? {};
    await kube.patch(path, "merge", { count: previousCount + count, lastTimestamp: time, message });
  }
};

/** Correlates similar events first; see `createEventCorrelator`. */
export const createEventRecorder = (): RecordEvents => {
  const correlate = createEventCorrelator();
  return async (kube, reports) => {
    for (const event of correlate(reports)) await record(kube, event);
  };
};
