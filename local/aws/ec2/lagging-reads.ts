/**
 * Reads that lag behind the truth: EC2 is eventually consistent, so a describe may still show an old state, and a later one may be answered
 * by a replica that is further behind ("Eventual consistency in the Amazon EC2 API", Amazon EC2 Developer Guide, which advises to wait for up
 * to five minutes).
 */
export interface LaggingReads<T> {
  /** Every later call shows a state of up to `maxMs` ago; 0 by default. */
  lagReads(maxMs: number): void;
  record(id: string, shown: T): void;
  forget(id: string): void;
  /** Begins a call, which draws its lag. Returns what the call shows of an id: the oldest record if the id is younger than the lag. */
  begin(): (id: string) => T | undefined;
}

interface Shown<T> {
  readonly at: number;
  readonly value: T;
}

/** `random` returns values in [0, 1). */
export const createLaggingReads = <T>(now: () => number, random: () => number): LaggingReads<T> => {
  const histories = new Map<string, Shown<T>[]>();
  let maxLagMs = 0;
  return {
    lagReads: (maxMs) => {
      maxLagMs = maxMs;
    },
    record: (id, value) => {
      const history = histories.get(id) ?? [];
      // The record before the longest lag is still shown, older ones are not.
      const oldest = history.findLastIndex(({ at }) => at <= now() - maxLagMs);
      histories.set(id, [...history.slice(Math.max(0, oldest)), { at: now(), value }]);
    },
    forget: (id) => void histories.delete(id),
    begin: () => {
      // Without a lag nothing is drawn, so that a seed gives the same run as ever.
      const asOf = maxLagMs === 0 ? now() : now() - random() * maxLagMs;
      return (id) => {
        const history = histories.get(id);
        return (history?.findLast(({ at }) => at <= asOf) ?? history?.[0])?.value;
      };
    },
  };
};
