/**
 * Combines reports into events, like client-go's EventCorrelator (tools/record/events_cache.go): a repeated report increases the count.
 * Of reports that differ only in their message, the tenth within ten minutes and all later ones are combined into one event.
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
  /** Events are created in the object's namespace, or in `default` for cluster-scoped objects. `kubectl describe` matches by uid. */
  readonly object: ObjectReference;
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface CorrelatedEvent {
  /** Equal for reports that belong to one event. */
  readonly key: string;
  /** The latest report. */
  readonly report: EventReport;
  readonly count: number;
}

/** client-go's defaults: maxEvents, maxIntervalInSeconds, maxLruCacheEntries. */
const MAX_MESSAGES = 10;
const INTERVAL_MS = 600_000;
const MAX_GROUPS = 4096;

interface ReportGroup {
  readonly messages: Set<string>;
  lastAt: number;
}

/** The API server's limit for a message (core/v1 Event validation). */
const MAX_MESSAGE_LENGTH = 1024;
const truncate = (message: string): string => message.slice(0, MAX_MESSAGE_LENGTH);

/**
 * Keeps recent messages in memory, grouped by object, type and reason. Each process has its own memory, so two processes combine later
 * than one would; both then update the same combined event.
 */
export const createEventCorrelator = (): ((reports: readonly EventReport[]) => readonly CorrelatedEvent[]) => {
  const groups = new Map<string, ReportGroup>();

  const touchGroup = (groupKey: string, now: number): ReportGroup => {
    const known = groups.get(groupKey);
    const group = known && now - known.lastAt <= INTERVAL_MS ? known : { messages: new Set<string>(), lastAt: now };
    // Reinsert at the end: the first entry is the least recently used.
    groups.delete(groupKey);
    groups.set(groupKey, group);
    if (groups.size > MAX_GROUPS) groups.delete(groups.keys().next().value ?? "");
    return group;
  };

  const correlate = (report: EventReport): Omit<CorrelatedEvent, "count"> => {
    const groupKey = JSON.stringify([report.object, report.type, report.reason]);
    const group = touchGroup(groupKey, report.now);
    group.lastAt = report.now;
    const message = truncate(report.message);
    const isCombined = !group.messages.has(message) && group.messages.size >= MAX_MESSAGES - 1;
    if (isCombined) {
      const combined = truncate(`(combined from similar events): ${report.message}`);
      return { key: groupKey, report: { ...report, message: combined } };
    }
    group.messages.add(message);
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
