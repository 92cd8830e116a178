import type { ServerResponse } from "node:http";
import type { StoredEvent } from "../history.ts";
import { expired, toStatus } from "../refusals.ts";
import type { KubeObject } from "../store.ts";
import { apiVersionOf } from "./body.ts";
import type { ResourceRequest } from "./context.ts";
import { renderingOf, wantsTable } from "./render.ts";
import { selectionOf } from "./select.ts";
import { isTrue } from "./target.ts";

/** As often as a real API server sends them (cacher's bookmarkFrequency). */
const BOOKMARK_EVERY_MS = 60_000;
/** A client that reads slower than this many bytes behind is cut off, as a real one is. */
const MOST_BYTES_BEHIND = 64 * 1024 * 1024;

type EventType = "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";

/**
 * Streams events to the client until it leaves, `timeoutSeconds` pass or the returned function is called. From a
 * `resourceVersion` it goes on where the client was, or says 410 in an ERROR event if that is no longer known; without one it
 * starts with what there is.
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
    if (response.writableLength > MOST_BYTES_BEHIND) response.destroy();
  };
  const deliver = (event: StoredEvent) => {
    const seen = asSeen(event, isSelected);
    if (seen) send(seen, render(event.object));
  };
  const bookmark = (annotations?: object) => {
    const metadata = { resourceVersion: String(cluster.store.version()), creationTimestamp: null, annotations };
    const object = { kind: type.kind, apiVersion: apiVersionOf(type), metadata };
    send("BOOKMARK", wantsTable(request) ? { ...(render(object as unknown as KubeObject) as object) } : object);
  };

  response.on("close", end);
  const missed = missedEvents(request);
  if (!missed) {
    send("ERROR", toStatus(expired(`too old resource version: ${query.get("resourceVersion")}`)));
    end();
    return end;
  }
  for (const object of missed.present.filter(isSelected)) send("ADDED", render(object));
  if (isTrue(query.get("sendInitialEvents"))) bookmark({ "k8s.io/initial-events-end": "true" });
  for (const event of missed.events) deliver(event);
  endings.push(cluster.store.subscribe(type.name, deliver));
  if (isTrue(query.get("allowWatchBookmarks"))) endings.push(every(request, BOOKMARK_EVERY_MS, bookmark));
  const timeout = Number(query.get("timeoutSeconds") ?? 0);
  if (timeout > 0) endings.push(cluster.clock.after(timeout * 1000, end));
  return end;
};

/** What the client has not seen: objects that are there, or events since its version. Undefined when these are forgotten. */
const missedEvents = ({ cluster, query, type, target }: ResourceRequest) => {
  const version = query.get("resourceVersion") ?? "";
  const isWhole = version === "" || version === "0" || isTrue(query.get("sendInitialEvents"));
  if (isWhole) return { present: cluster.store.list(type.name, target.namespace), events: [] };
  const events = cluster.store.history.since(type.name, Number(version));
  return events && { present: [], events };
};

/** An object that starts or ceases to match a selector comes and goes, as far as the watch can see. */
const asSeen = (event: StoredEvent, isSelected: (object: KubeObject) => boolean): EventType | undefined => {
  const was = event.previous !== undefined && isSelected(event.previous);
  const is = event.type !== "DELETED" && isSelected(event.object);
  if (was && is) return "MODIFIED";
  if (is) return "ADDED";
  return was ? "DELETED" : undefined;
};

/** Objects as the client wants them; of a table, only the first event carries the columns. */
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
