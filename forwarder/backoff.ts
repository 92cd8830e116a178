export interface BackoffBounds {
  readonly leastMs: number;
  readonly mostMs: number;
}

/** Doubles with each failure from `leastMs` up to `mostMs`; half of it is jitter, so that many clients spread. */
export const backoffMs = (failures: number, bounds: BackoffBounds, random: () => number): number =>
  Math.min(bounds.mostMs, bounds.leastMs * 2 ** Math.max(0, failures - 1)) * (0.5 + random() / 2);
