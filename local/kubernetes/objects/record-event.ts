import { createHash } from "node:crypto";
import type { Clock } from "../../clock.ts";
import { timestamp } from "../api-server/create-store.ts";
import type { KubeObject, Store } from "../api-server/store.ts";

/** The content of a Kubernetes event, as `kubectl describe` shows it. */
export interface EventDetails {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
  /** The reporting component: `default-scheduler`, `kubelet`, … */
  readonly component: string;
}

export type RecordEvent = (regarding: KubeObject, details: EventDetails) => void;

interface EventObject extends KubeObject {
  count: number;
  lastTimestamp: string;
}

const referenceTo = ({ apiVersion, kind, metadata }: KubeObject) => ({
  apiVersion,
  kind,
  name: metadata.name,
  namespace: metadata.namespace,
  uid: metadata.uid,
});

/** Repeated events increment the count of the first one, like client-go's event correlator, but without its time limit. */
export const createEventRecorder =
  (store: Store, clock: Clock): RecordEvent =>
  (regarding, { type, reason, message, component }) => {
    const involvedObject = referenceTo(regarding);
    const namespace = regarding.metadata.namespace ?? "default";
    const identity = createHash("sha256").update(JSON.stringify([involvedObject, reason, message, component]));
    const name = `${regarding.metadata.name}.${identity.digest("hex").slice(0, 16)}`;
    const now = timestamp(clock.now());
    const repeated = store.change<EventObject>("events", name, namespace, (event) => {
      event.count += 1;
      event.lastTimestamp = now;
    });
    if (repeated) return;
    store.create("events", {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name, namespace },
      involvedObject,
      type,
      reason,
      message,
      source: { component },
      reportingComponent: component,
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
    });
  };
