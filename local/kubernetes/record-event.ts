import { createHash } from "node:crypto";
import type { Clock } from "../clock.ts";
import { timestamp } from "./api-server/create-store.ts";
import type { KubeObject, Store } from "./api-server/store.ts";

/** What happened to an object, as `kubectl describe` shows it. */
export interface Happening {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
  /** Who says so: `default-scheduler`, `kubelet`, … */
  readonly component: string;
}

export type RecordEvent = (about: KubeObject, happening: Happening) => void;

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

/** Repeats are counted on the first event, as client-go's correlator does; here without end of time. */
export const createEventRecorder =
  (store: Store, clock: Clock): RecordEvent =>
  (about, { type, reason, message, component }) => {
    const involvedObject = referenceTo(about);
    const namespace = about.metadata.namespace ?? "default";
    const identity = createHash("sha256").update(JSON.stringify([involvedObject, reason, message, component]));
    const name = `${about.metadata.name}.${identity.digest("hex").slice(0, 16)}`;
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
