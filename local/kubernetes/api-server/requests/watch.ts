import type { ServerResponse } from "node:http";
import type { StoredEvent } from "../history.ts";
import { expired, toStatus } from "../status-errors.ts";
import type { KubeObject } from "../store.ts";
import { apiVersionOf } from "./body.ts";
import type { ResourceRequest } from "./context.ts";
import { renderingOf, wantsTable } from "./render.ts";
import { selectionOf } from "./select.ts";
import { isTrue } from "./target.ts";

/** The real API server's interval (cacher's bookmarkFrequency). */
const BOOKMARK_EVERY_MS = 60_000;
/** A client that falls behind by more than this many bytes is disconnected, as with a real server. */
const MAX_UNSENT_BYTES = 64 * 1024 * 1024;

type EventType = "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";

/**
 * Streams events until the client disconnects, `timeoutSeconds` pass or the returned function is called. With a
 * `resourceVersion` the watch resumes there, or sends a 410 in an ERROR event if that version is no longer available. Without
 * one it starts with the current objects.
 */
export const answerWatch = (request: ResourceRequest, response: ServerResponse): (() => void) => {
  const { cluster, query, type } = request;
  const isSelected = selectionOf(request);
  const render = renderEvents(request);
  const endings: (() => void)[] = [];
  const end = () => {
    for (const ending of endings.splice(0)) ending();
    response.end();
  };
  const send = (event: EventType, object: unknown) => {
    response.write(`${JSON.stringify({ type: event, object })}\n`);
    if (response.writableLength > MAX_UNSENT_BYTES) response.destroy();
  };
  const deliver = (event: StoredEvent) => {
    const eventType = eventTypeFor(event, isSelected);
    if (eventType) send(eventType, render(event.object));
  };
  const bookmark = (annotations?: object) => {
    const metadata = { resourceVersion: String(cluster.store.version()), creationTimestamp: null, annotations };
    const object = { kind: type.kind, apiVersion: apiVersionOf(type), metadata };
    send("BOOKMARK", wantsTable(request) ? { ...(render(object as unknown as KubeObject) as object) } : object);
  };

  response.on("close", end);
  const initial = initialEvents(request);
  if (!initial) {
    send("ERROR", toStatus(expired(`too old resource version: ${query.get("resourceVersion")}`)));
    end();
    return end;
  }
  for (const object of initial.present.filter(isSelected)) send("ADDED", render(object));
  if (isTrue(query.get("sendInitialEvents"))) bookmark({ "k8s.io/initial-events-end": "true" });
  for (const event of initial.events) deliver(event);
  endings.push(cluster.store.subscribe(type.name, deliver));
  if (isTrue(query.get("allowWatchBookmarks"))) endings.push(every(request, BOOKMARK_EVERY_MS, bookmark));
  const timeout = Number(query.get("timeoutSeconds") ?? 0);
  if (timeout > 0) endings.push(cluster.clock.after(timeout * 1000, end));
  return end;
};

/** What the client has not seen yet: the current objects, or the events since its version. Undefined if those were discarded. */
const initialEvents = ({ cluster, query, type, target }: ResourceRequest) => {
  const version = query.get("resourceVersion") ?? "";
  const startsFromCurrent = version === "" || version === "0" || isTrue(query.get("sendInitialEvents"));
  if (startsFromCurrent) return { present: cluster.store.list(type.name, target.namespace), events: [] };
  const events = cluster.store.history.since(type.name, Number(version));
  return events && { present: [], events };
};

/** The event type from the watch's point of view: an object that starts or stops matching the selector is ADDED or DELETED. */
const eventTypeFor = (event: StoredEvent, isSelected: (object: KubeObject) => boolean): EventType | undefined => {
  const was = event.previous !== undefined && isSelected(event.previous);
  const is = event.type !== "DELETED" && isSelected(event.object);
  if (was && is) return "MODIFIED";
  if (is) return "ADDED";
  return was ? "DELETED" : undefined;
};

/** Renders objects in the client's representation. For tables, only the first event has the column definitions. */
const renderEvents = (request: ResourceRequest): ((object: KubeObject) => unknown) => {
  const rendering = renderingOf(request);
  if (!wantsTable(request)) return rendering.one;
  let isFirst = true;
  return (object) => {
    const table = rendering.one(object) as object;
    const shown = isFirst ? table : { ...table, columnDefinitions: null };
    isFirst = false;
    return shown;
  };
};

const every = ({ cluster }: ResourceRequest, intervalMs: number, run: () => void): (() => void) => {
  const again = (): (() => void) =>
    cluster.clock.after(intervalMs, () => {
      run();
      cancel = again();
    });
  let cancel = again();
  return () => cancel();
};
