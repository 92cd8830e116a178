/** An event as its sender writes it; the bus adds id, account, region and, if absent, the time. */
export interface BusEntry {
  readonly source: string;
  readonly detailType: string;
  readonly detail: unknown;
  readonly resources?: readonly string[];
  /** Milliseconds since the epoch. */
  readonly time?: number;
}
