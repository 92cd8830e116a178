import type { Clock } from "../../local/clock.ts";
import type { Random } from "./random.ts";

/** Calls `act` at random times until `stop`; `meanMs` is the mean time between two calls. */
export const atRandom = (
  clock: Pick<Clock, "after">,
  random: Random,
  meanMs: number,
  act: () => void,
): (() => void) => {
  let isOver = false;
  const next = (): void => {
    clock.after(-Math.log(1 - random()) * meanMs, () => {
      if (isOver) return;
      act();
      next();
    });
  };
  next();
  return () => {
    isOver = true;
  };
};
