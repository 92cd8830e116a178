/** Faults injected into deliveries; the fields can change at any time. Probabilities are from 0 to 1. */
export interface BusFaults {
  /** Probability that an event is delivered twice, each time with its own latency. */
  duplicate: number;
  /** Probability that a delivery is lost silently. */
  drop: number;
  /** Probability that a delivery is late. */
  late: number;
  /** Range added to the latency of late deliveries, in ms. */
  delayMs: [min: number, max: number];
  /** Probability that a delivery is delayed by up to `REORDER_WINDOW_MS`, so that later ones overtake it. */
  reorder: number;
}

export const REORDER_WINDOW_MS = 3000;

export const noBusFaults = (): BusFaults => ({ duplicate: 0, drop: 0, late: 1, delayMs: [0, 0], reorder: 0 });

/**
 * What is normal: events arrive at least once and in no order ("In rare cases, a target may be invoked more than once": Lambda
 * Developer Guide, "Asynchronous invocation"; AWS re:Post, "AWS event Bridge"). AWS states no rates; these are high enough that every
 * run meets them. Losses are left out: EC2's events are sent with best effort, but are lost only "in some rare cases" (EventBridge
 * Events Reference, "Delivery level for AWS service events").
 */
export const usualBusFaults = (): BusFaults => ({
  duplicate: 0.03,
  drop: 0,
  late: 0.1,
  delayMs: [500, 2000],
  reorder: 0.1,
});

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
    if (max > 0 && (faults.late >= 1 || occurs(faults.late))) {
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
