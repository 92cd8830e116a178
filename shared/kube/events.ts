import { createHash } from "node:crypto";
import { type KubeClient, KubeError } from "./client.ts";
import { paths } from "./paths.ts";

export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid?: string;
}

export interface EventReport {
  /** A cluster-scoped object; its events live in the namespace `default`. `kubectl describe` finds them by the uid. */
  readonly object: ObjectReference;
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const NAMESPACE = "default";
/** What the API server accepts as a message (core/v1 Event validation). */
const MAX_MESSAGE = 1024;

interface StoredEvent {
  readonly count?: number;
}

/**
 * Records a Kubernetes event. What is said again about the same object counts up the event that is there, as client-go's
 * recorder does; the name, made from object, reason and message, finds it.
 */
export const recordEvent = async (
  kube: KubeClient,
  { object, type, reason, message, now }: EventReport,
): Promise<void> => {
  const said = message.slice(0, MAX_MESSAGE);
  const digest = createHash("sha256")
    .update(JSON.stringify([object, type, reason, said]))
    .digest("hex")
    .slice(0, 16);
  const name = `${object.name}.${digest}`;
  const time = new Date(now).toISOString().replace(/\.\d+Z$/, "Z");
  try {
    await kube.create(paths.events(NAMESPACE), {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name, namespace: NAMESPACE },
      involvedObject: object,
      type,
      reason,
      message: said,
      source: { component: "stratos" },
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
    });
  } catch (error) {
    if (!(error instanceof KubeError) || error.status !== 409) throw error;
    const path = paths.event(NAMESPACE, name);
    const { count = 1 } = (await kube.get<StoredEvent>(path)) ?? {};
    await kube.patch(path, "merge", { count: count + 1, lastTimestamp: time });
  }
};
