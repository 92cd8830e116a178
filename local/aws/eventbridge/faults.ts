/** What the embedded bus does to deliveries; change the fields at any time. Probabilities are 0 to 1. */
export interface BusFaults {
  /** A delivery is made a second time, with a latency of its own. */
  duplicate: number;
  /** A delivery never happens, and nobody is told. */
  drop: number;
  /** Added to each delivery's latency, in milliseconds. */
  delayMs: [least: number, most: number];
  /** A delivery is held back for up to `REORDER_WINDOW_MS`, so that later ones overtake it. */
  reorder: number;
}

export const REORDER_WINDOW_MS = 3000;

export const noBusFaults = (): BusFaults => ({ duplicate: 0, drop: 0, delayMs: [0, 0], reorder: 0 });

/** How often each fault struck, and how many deliveries reached their target. */
export interface FaultCounts {
  delivered: number;
  duplicated: number;
  dropped: number;
  delayed: number;
  reordered: number;
}

/** Latencies in ms of the deliveries to make for one match: none, one or two. */
export const planDeliveries = (faults: BusFaults, counts: FaultCounts, random: () => number): number[] => {
  const strikes = (probability: number) => probability > 0 && random() < probability;
  const latency = () => {
    const [least, most] = faults.delayMs;
    let latencyMs = between(LATENCY_MS, random);
    if (most > 0) {
      counts.delayed += 1;
      latencyMs += between([least, most], random);
    }
    if (strikes(faults.reorder)) {
      counts.reordered += 1;
      latencyMs += between([0, REORDER_WINDOW_MS], random);
    }
    return latencyMs;
  };
  if (strikes(faults.drop)) {
    counts.dropped += 1;
    return [];
  }
  if (!strikes(faults.duplicate)) return [latency()];
  counts.duplicated += 1;
  return [latency(), latency()];
};

/** EventBridge's time from PutEvents to the target's invocation: P99 129 ms since 2024, as AWS says. */
const LATENCY_MS: [number, number] = [30, 150];

const between = ([least, most]: [number, number], random: () => number): number => least + random() * (most - least);
