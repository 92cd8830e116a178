/** Interrupts a reconcile at any one of the calls it makes to the world. */

/**
 * `dies`: nothing that is called afterwards has an effect, as when a function is killed. `fails`: this call only.
 * `before` and `after` its effect: an answer that is lost does not undo what was done.
 */
export interface Interruption {
  /** The number of the call, counted from 1, or `port.method` for the first of that name. */
  readonly at: number | string;
  readonly kind: "dies before" | "dies after" | "fails before" | "fails after";
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
  /** Counts start anew. */
  arm(interruption: Interruption): void;
  /** The next function starts with nothing in its way. */
  disarm(): void;
  /** True if an armed interruption has come to pass. */
  happened(): boolean;
  /** The port with every method of it counted and, where one is armed, interrupted. */
  guard<T extends object>(name: string, port: T): T;
}

export const createInterruptions = (): Interruptions => {
  const calls: string[] = [];
  let armed: Interruption | undefined;
  let count = 0;
  let dead = false;
  let happened = false;

  const run = async (call: string, effect: () => unknown): Promise<unknown> => {
    if (dead) throw new Interrupted(call);
    count += 1;
    calls.push(call);
    const kind = armed && !happened && (armed.at === count || armed.at === call) ? armed.kind : undefined;
    happened ||= kind !== undefined;
    dead ||= kind === "dies before" || kind === "dies after";
    if (kind === "dies before" || kind === "fails before") throw new Interrupted(call);
    const answer = await effect();
    if (kind !== undefined) throw new Interrupted(call);
    return answer;
  };

  return {
    calls,
    arm: (interruption) => {
      armed = interruption;
      count = 0;
      happened = false;
    },
    disarm: () => {
      armed = undefined;
      dead = false;
    },
    happened: () => happened,
    guard: (name, port) =>
      Object.fromEntries(
        Object.entries(port).map(([method, effect]) => [
          method,
          (...args: unknown[]) => run(`${name}.${method}`, () => effect(...args)),
        ]),
      ) as typeof port,
  };
};
