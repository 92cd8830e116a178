import type { CoreV1Event } from "@kubernetes/client-node";
import { ageOf } from "../age.ts";
import type { Printer } from "../table.ts";
import { columns } from "./columns.ts";

/** Events, as printEvent of k8s.io/kubernetes pkg/printers/internalversion shows them. */
export const events: Printer = {
  columns: columns("Last Seen, Type, Reason, Object | Subobject, Source").concat(
    columns("Message | First Seen, Count, Name"),
  ),
  cells: (object, now) => {
    const event = object as unknown as CoreV1Event;
    const { involvedObject, source } = event;
    const created = object.metadata.creationTimestamp;
    const first = event.firstTimestamp ?? event.eventTime ?? created;
    const last = event.series?.lastObservedTime ?? event.lastTimestamp ?? first;
    const count = event.series?.count ?? event.count ?? 1;
    const kind = involvedObject?.kind?.toLowerCase() ?? "";
    return [
      ageOf(last, now),
      event.type ?? "",
      event.reason ?? "",
      involvedObject?.name ? `${kind}/${involvedObject.name}` : kind,
      involvedObject?.fieldPath ?? "",
      [source?.component || event.reportingComponent, source?.host || event.reportingInstance]
        .filter(Boolean)
        .join(", "),
      (event.message ?? "").trim(),
      ageOf(first, now),
      String(count),
      object.metadata.name,
    ];
  },
};
