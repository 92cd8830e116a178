/** The calls of production code: each is a step of its own that may be late, fail, lose its answer, or be the last of its process. */
import type { Call, CallPlan, Fate, Process } from "./call.ts";
import type { SimulatedClock } from "./clock.ts";
import type { Trace } from "./trace.ts";

export interface CallsOptions {
  readonly clock: SimulatedClock;
  readonly trace: Trace;
  plan(call: Call): CallPlan;
  /** The error of a call that fails, whether or not it took effect. */
  errorOf(call: Call, fate: Fate): Error;
}

export interface Calls {
  /** Carries out `effect` as a step of its own. Never settles once the process has ended. */
  run<T>(call: Call, effect: () => T): Promise<T>;
  end(process: Process, why: string): void;
  /** The number of calls so far. */
  count(): number;
  /** What is being carried out right now: checks see it in whatever they find. */
  current(): Call | undefined;
}

export const createCalls = ({ clock, trace, plan, errorOf }: CallsOptions): Calls => {
  let count = 0;
  let current: Call | undefined;

  const end = (process: Process, why: string): void => {
    if (!process.isAlive) return;
    process.isAlive = false;
    trace.add(process.name, `ends: ${why}`);
    clock.resume();
    for (const callback of process.onEnd) callback();
    process.onEnd.clear();
  };

  const perform = <T>(call: Call, fate: Fate, effect: () => T): T => {
    if (fate === "fail") throw errorOf(call, fate);
    current = call;
    try {
      const result = effect();
      if (fate === "lose the answer") throw errorOf(call, fate);
      return result;
    } finally {
      current = undefined;
    }
  };

  return {
    end,
    count: () => count,
    current: () => current,
    run: <T>(call: Call, effect: () => T) =>
      new Promise<T>((resolve, reject) => {
        const { process } = call;
        if (!process.isAlive) return;
        count += 1;
        const { fate, delayMs } = plan(call);
        clock.after(delayMs, () => {
          if (!process.isAlive) return;
          clock.resume();
          trace.call(call, fate);
          if (fate !== "succeed") process.faults += 1;
          if (fate === "crash before") return end(process, `before ${call.service} ${call.operation}`);
          try {
            const result = perform(call, fate === "crash after" ? "succeed" : fate, effect);
            if (fate === "crash after") end(process, `after ${call.service} ${call.operation}`);
            else resolve(result);
          } catch (error) {
            trace.error(call, error);
            reject(error);
          }
        });
      }),
  };
};
