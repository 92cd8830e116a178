/**
 * Which of many reports become one event, after client-go's EventCorrelator (tools/record/events_cache.go): what is said again counts
 * up; of what differs in its message only, the tenth within ten minutes and all that follow are combined into one.
 */

export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Absent for a cluster-scoped object. */
  readonly namespace?: string;
  readonly uid?: string;
}

export interface EventReport {
  /** Its events live in its namespace, or else in `default`. `kubectl describe` finds them by the uid. */
  readonly object: ObjectReference;
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface CorrelatedEvent {
  /** Equal for reports that are one event. */
  readonly key: string;
  /** The latest of them. */
  readonly report: EventReport;
  readonly count: number;
}

/** client-go's defaults: maxEvents, maxIntervalInSeconds, maxLruCacheEntries. */
const MOST_MESSAGES = 10;
const INTERVAL_MS = 600_000;
const MOST_KINDS = 4096;

interface Similar {
  readonly messages: Set<string>;
  lastAt: number;
}

/** What the API server accepts as a message (core/v1 Event validation). */
const MAX_MESSAGE = 1024;
const cut = (message: string): string => message.slice(0, MAX_MESSAGE);

/**
 * Remembers what has been said, by object, type and reason. Each process has a memory of its own, so that two of them combine
 * later than one would; the combined event is the same for both.
 */
export const createEventCorrelator = (): ((reports: readonly EventReport[]) => readonly CorrelatedEvent[]) => {
  const kinds = new Map<string, Similar>();

  const similarTo = (kind: string, now: number): Similar => {
    const known = kinds.get(kind);
    const similar = known && now - known.lastAt <= INTERVAL_MS ? known : { messages: new Set<string>(), lastAt: now };
    // Put at the end, so that the first one is that which has not been heard of for longest.
    kinds.delete(kind);
    kinds.set(kind, similar);
    if (kinds.size > MOST_KINDS) kinds.delete(kinds.keys().next().value ?? "");
    return similar;
  };

  const correlate = (report: EventReport): Omit<CorrelatedEvent, "count"> => {
    const kind = JSON.stringify([report.object, report.type, report.reason]);
    const similar = similarTo(kind, report.now);
    similar.lastAt = report.now;
    const message = cut(report.message);
    const isOneTooMany = !similar.messages.has(message) && similar.messages.size >= MOST_MESSAGES - 1;
    if (isOneTooMany) {
      return { key: kind, report: { ...report, message: cut(`(combined from similar events): ${report.message}`) } };
    }
    similar.messages.add(message);
    return {
      key: JSON.stringify([report.object, report.type, report.reason, message]),
      report: { ...report, message },
    };
  };

  return (reports) => {
    const events = new Map<string, CorrelatedEvent>();
    for (const { key, report } of reports.map(correlate)) {
      events.set(key, { key, report, count: (events.get(key)?.count ?? 0) + 1 });
    }
    return [...events.values()];
  };
};
