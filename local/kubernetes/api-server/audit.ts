import type { Target } from "./requests/target.ts";

/** A request that was answered, with who made it and how it ended. */
export interface AuditEntry extends Partial<Target> {
  readonly at: number;
  readonly user: string;
  readonly path: string;
  readonly code: number;
}

/** Enough for the longest test; older entries are forgotten. */
const MOST_ENTRIES = 100_000;

export interface Audit {
  note(entry: AuditEntry): void;
  /** The newest entries, oldest first. */
  entries(): readonly AuditEntry[];
}

export const createAudit = (): Audit => {
  let entries: AuditEntry[] = [];
  return {
    note: (entry) => {
      entries.push(entry);
      if (entries.length > MOST_ENTRIES) entries = entries.slice(MOST_ENTRIES / 2);
    },
    entries: () => entries,
  };
};
