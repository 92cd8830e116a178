/** Stops that take long or never end ("Troubleshoot Amazon EC2 instance stop issues", Amazon EC2 User Guide). */
import { type Affected, type AffectedInstance, isAffected } from "./undone.ts";

export interface SlowStops {
  /** Every later stop takes at least this long; 0 by default. */
  slowStops(atLeastMs: number): void;
  /** Later stops of these instances stay in `stopping` until a forced stop. Replaces the previous selection. */
  hangStops(affected: Affected): void;
  /** How long a stop takes at least; `Infinity` for one that hangs. */
  atLeastMs(instance: AffectedInstance): number;
}

export const createSlowStops = (): SlowStops => {
  let slowestMs = 0;
  let hanging: Affected = [];
  return {
    slowStops: (ms) => {
      slowestMs = ms;
    },
    hangStops: (affected) => {
      hanging = affected;
    },
    atLeastMs: (instance) => (isAffected(hanging, instance) ? Number.POSITIVE_INFINITY : slowestMs),
  };
};
