import type { Target } from "./requests/target.ts";

/** A handled request with its user and status code. */
export interface AuditEntry extends Partial<Target> {
  readonly at: number;
  readonly user: string;
  readonly path: string;
  readonly code: number;
}

/** Enough for the longest test. Older entries are discarded. */
const MAX_ENTRIES = 100_000;

export interface Audit {
  record(entry: AuditEntry): void;
  /** The newest entries, oldest first. */
  entries(): readonly AuditEntry[];
}

export const createAudit = (): Audit => {
  let entries: AuditEntry[] = [];
  return {
    record: (entry) => {
      entries.push(entry);
      if (entries.length > MAX_ENTRIES) entries = entries.slice(MAX_ENTRIES / 2);
    },
    entries: () => entries,
  };
};
