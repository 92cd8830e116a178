/** Faults injected into deliveries; the fields can change at any time. Probabilities are from 0 to 1. */
export interface BusFaults {
  /** Probability that an event is delivered twice, each time with its own latency. */
  duplicate: number;
  /** Probability that a delivery is lost silently. */
  drop: number;
  /** Range added to each delivery's latency, in ms. */
  delayMs: [min: number, max: number];
  /** Probability that a delivery is delayed by up to `REORDER_WINDOW_MS`, so that later ones overtake it. */
  reorder: number;
}

export const REORDER_WINDOW_MS = 3000;

export const noBusFaults = (): BusFaults => ({ duplicate: 0, drop: 0, delayMs: [0, 0], reorder: 0 });

/** How often each fault occurred, and how many deliveries reached their target. */
export interface FaultCounts {
  delivered: number;
  duplicated: number;
  dropped: number;
  delayed: number;
  reordered: number;
}

/** Returns the latencies in ms of the deliveries for one match: none, one or two. */
export const planDeliveries = (faults: BusFaults, counts: FaultCounts, random: () => number): number[] => {
  const occurs = (probability: number) => probability > 0 && random() < probability;
  const latency = () => {
    const [min, max] = faults.delayMs;
    let latencyMs = between(LATENCY_MS, random);
    if (max > 0) {
      counts.delayed += 1;
      latencyMs += between([min, max], random);
    }
    if (occurs(faults.reorder)) {
      counts.reordered += 1;
      latencyMs += between([0, REORDER_WINDOW_MS], random);
    }
    return latencyMs;
  };
  if (occurs(faults.drop)) {
    counts.dropped += 1;
    return [];
  }
  if (!occurs(faults.duplicate)) return [latency()];
  counts.duplicated += 1;
  return [latency(), latency()];
};

/** EventBridge's latency from PutEvents to the target's invocation; AWS states a P99 of 129 ms since 2024. */
const LATENCY_MS: [number, number] = [30, 150];

const between = ([min, max]: [number, number], random: () => number): number => min + random() * (max - min);
