import type { ObjectMeta } from "../shared/model/kubernetes/objects.ts";
import { backoffMs } from "./backoff.ts";
import { type ForwarderClock, holding, pause } from "./clock.ts";
import { type KubeApi, KubeApiError, type KubeWatchEvent } from "./kube-api.ts";
import { describeError, type Log } from "./log.ts";

/** Receives the objects that a reflector sees. An id is `namespace/name`, or just the name for cluster-scoped objects. */
export interface Tracker<T> {
  set(id: string, object: T): void;
  delete(id: string): void;
  ids(): Iterable<string>;
}

export interface Reflector {
  readonly resource: string;
  /** Resolves after the first complete list. */
  readonly synced: Promise<void>;
  /** When the watch was last known to be open (now, while it is open), in ms since the epoch. */
  inSyncAt(): number;
  stop(): void;
}

export interface ReflectorOptions<T> {
  readonly api: KubeApi;
  readonly clock: ForwarderClock;
  readonly random: () => number;
  readonly log: Log;
  /** The name in logs and metrics, such as `pods`. */
  readonly resource: string;
  readonly path: string;
  readonly tracker: Tracker<T>;
  onRestart(reason: RestartReason): void;
}

/** `closed`: by the server, which is normal; `expired`: 410, so everything is listed again; `broken`: any other failure. */
type RestartReason = "closed" | "expired" | "broken";

/** Avoids a hot loop against an unhealthy API server, with a short maximum so that it recovers quickly. */
const BACKOFF = { minMs: 250, maxMs: 5_000 };
/** A watch that ended sooner counts as a failure, however it ended. */
const SHORT_WATCH_MS = 1000;
const GONE = 410;

interface KubeObjectLike {
  readonly metadata: ObjectMeta;
}

/** Keeps `tracker` in sync with a resource: lists, watches, resumes, and lists again when its resource version has expired. */
export const reflect = <T extends KubeObjectLike>(options: ReflectorOptions<T>): Reflector => {
  const { clock, log, resource } = options;
  const stopping = new AbortController();
  let inSyncAt = clock.now();
  let open = false;
  let resourceVersion: string | undefined;
  const { promise: synced, resolve: resolveSynced } = Promise.withResolvers<void>();

  const listAndWatch = async (): Promise<void> => {
    resourceVersion ??= await holding(clock, () => listAll(options, stopping.signal));
    resolveSynced();
    const release = clock.hold?.();
    const onOpen = () => {
      open = true;
      release?.();
    };
    const onEvent = (event: KubeWatchEvent<T>) => {
      apply(options.tracker, event);
      resourceVersion = event.object.metadata.resourceVersion ?? resourceVersion;
    };
    const query = { resourceVersion, timeoutSeconds: String(300 + Math.floor(options.random() * 300)) };
    try {
      await options.api.watch<T>(options.path, query, { onOpen, onEvent }, stopping.signal);
    } finally {
      if (open) inSyncAt = clock.now();
      open = false;
      release?.();
    }
  };

  const listAndWatchOnce = async (): Promise<RestartReason> => {
    try {
      await listAndWatch();
      return "closed";
    } catch (error) {
      const expired = error instanceof KubeApiError && error.status === GONE;
      // A broken connection leaves the resource version valid; an expired one or an unreadable line does not.
      if (expired || error instanceof SyntaxError) resourceVersion = undefined;
      if (!stopping.signal.aborted) log.warn("watch ended", { resource, error: describeError(error) });
      return expired ? "expired" : "broken";
    }
  };

  const run = async (): Promise<void> => {
    let failures = 0;
    let previous: RestartReason | undefined;
    while (!stopping.signal.aborted) {
      const startedAt = clock.now();
      const reason = await listAndWatchOnce();
      if (stopping.signal.aborted) return;
      options.onRestart(reason);
      if (clock.now() - startedAt >= SHORT_WATCH_MS) failures = 0;
      // A server that answers 410 is healthy again, so earlier failures do not delay the list, unless 410 repeats.
      else failures = reason === "expired" && previous !== "expired" ? 1 : failures + 1;
      previous = reason;
      if (failures > 0) await pause(clock, backoffMs(failures, BACKOFF, options.random), stopping.signal);
    }
  };

  void run();
  return { resource, synced, inSyncAt: () => (open ? clock.now() : inSyncAt), stop: () => stopping.abort() };
};

const PAGE_SIZE = "500";
/** 500 000 objects are more than any cluster has, so a longer list means a faulty server. */
const MAX_PAGES = 1000;

/** Lists page by page and deletes tracked objects that no longer exist; returns the resource version to watch from. */
const listAll = async <T extends KubeObjectLike>(
  options: ReflectorOptions<T>,
  signal: AbortSignal,
): Promise<string> => {
  const { api, path, tracker } = options;
  const gone = new Set(tracker.ids());
  let query: Record<string, string> = { limit: PAGE_SIZE };
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const page = await api.list<T>(path, query, signal);
    for (const object of page.items ?? []) {
      const id = idOf(object);
      gone.delete(id);
      tracker.set(id, object);
    }
    if (!page.metadata?.continue) {
      for (const id of gone) tracker.delete(id);
      return page.metadata?.resourceVersion ?? "";
    }
    query = { limit: PAGE_SIZE, continue: page.metadata.continue };
  }
  throw new Error(`listing ${options.resource}: more than ${MAX_PAGES} pages`);
};

const apply = <T extends KubeObjectLike>(tracker: Tracker<T>, { type, object }: KubeWatchEvent<T>): void => {
  if (type === "ADDED" || type === "MODIFIED") tracker.set(idOf(object), object);
  else if (type === "DELETED") tracker.delete(idOf(object));
  else if (type === "ERROR") {
    const status = object as { code?: number; message?: string };
    throw new KubeApiError(status.code ?? 0, status.message ?? "the watch failed");
  }
};

const idOf = ({ metadata }: KubeObjectLike): string =>
  metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name;
