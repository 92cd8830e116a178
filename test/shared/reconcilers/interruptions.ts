/** Interrupts a reconcile at one of the calls that it makes to its ports. */

/**
 * `crashes`: no later call has an effect, as if the function had been killed. `fails`: only this call fails. `before` or `after` the effect of
 * the call: a lost response does not undo it.
 */
export interface Interruption {
  /** The number of the call, from 1, or `port.method` for the first call of that name. */
  readonly at: number | string;
  readonly kind: "crashes before" | "crashes after" | "fails before" | "fails after";
}

export class Interrupted extends Error {
  constructor(call: string) {
    super(`interrupted at ${call}`);
    this.name = "Interrupted";
  }
}

export interface Interruptions {
  /** Every call so far, as `port.method`. */
  readonly calls: string[];
  /** Calls are counted from here. */
  arm(interruption: Interruption): void;
  /** The next reconcile is not interrupted. */
  disarm(): void;
  /** Somebody else acts right before a call, which is then carried out. Calls are counted from here. */
  actBefore(call: number | string, act: () => void): void;
  /** Whether the armed interruption or act has happened. */
  hasHappened(): boolean;
  /** The port with every call counted and, if it is the armed one, interrupted. */
  intercept<T extends object>(name: string, port: T): T;
}

export const createInterruptions = (): Interruptions => {
  const calls: string[] = [];
  let armed: Interruption | undefined;
  let due: { readonly at: number | string; readonly act: () => void } | undefined;
  let count = 0;
  let crashed = false;
  let happened = false;

  const run = async (call: string, effect: () => unknown): Promise<unknown> => {
    if (crashed) throw new Interrupted(call);
    count += 1;
    calls.push(call);
    if (due && (due.at === count || due.at === call)) {
      const { act } = due;
      due = undefined;
      happened = true;
      act();
    }
    const kind = armed && !happened && (armed.at === count || armed.at === call) ? armed.kind : undefined;
    happened ||= kind !== undefined;
    crashed ||= kind === "crashes before" || kind === "crashes after";
    if (kind === "crashes before" || kind === "fails before") throw new Interrupted(call);
    const result = await effect();
    if (kind !== undefined) throw new Interrupted(call);
    return result;
  };

  return {
    calls,
    arm: (interruption) => {
      armed = interruption;
      count = 0;
      happened = false;
    },
    actBefore: (at, act) => {
      due = { at, act };
      count = 0;
      happened = false;
    },
    disarm: () => {
      armed = undefined;
      crashed = false;
    },
    hasHappened: () => happened,
    intercept: (name, port) =>
      Object.fromEntries(
        Object.entries(port).map(([method, effect]) => [
          method,
          (...args: unknown[]) => run(`${name}.${method}`, () => effect(...args)),
        ]),
      ) as typeof port,
  };
};
