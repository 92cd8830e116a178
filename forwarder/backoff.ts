export interface BackoffBounds {
  readonly minMs: number;
  readonly maxMs: number;
}

/** Doubles with each failure, from `minMs` to `maxMs`. Half of the pause is jitter, so that many clients do not retry at once. */
export const backoffMs = (failures: number, bounds: BackoffBounds, random: () => number): number =>
  Math.min(bounds.maxMs, bounds.minMs * 2 ** Math.max(0, failures - 1)) * (0.5 + random() / 2);
