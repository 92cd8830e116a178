/** An event as sent to the bus, which adds the id, account, region and, if absent, the time. */
export interface BusEntry {
  readonly source: string;
  readonly detailType: string;
  readonly detail: unknown;
  readonly resources?: readonly string[];
  /** Milliseconds since the epoch. */
  readonly time?: number;
}
