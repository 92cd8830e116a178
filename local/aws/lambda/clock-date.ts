import { readClock } from "../../clock.ts";

const RealDate = Date;

/** Makes this thread's `Date` (`Date.now()`, `new Date()`, `Date()`) return the time of the clock in `shared`. */
export const useClock = (shared: SharedArrayBuffer): void => {
  const realNow = () => performance.timeOrigin + performance.now();
  const now = () => Math.floor(readClock(shared, realNow));
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, values, newTarget) =>
      Reflect.construct(target, values.length === 0 ? [now()] : values, newTarget) as Date,
    apply: (target) => new target(now()).toString(),
    get: (target, property) => (property === "now" ? now : Reflect.get(target, property)),
  });
};
