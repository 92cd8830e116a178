/** What happened in a world, as lines that can be read from top to bottom. */
import type { Call, Fate } from "./call.ts";

export interface Trace {
  add(who: string, what: string): void;
  call(call: Call, fate: Fate): void;
  error(call: Call, error: unknown): void;
  /** The newest lines, oldest first. */
  lines(): readonly string[];
}

const MAX_LINE = 220;

/** Reading leaves nothing to explain. */
const isRead = ({ operation }: Call): boolean => /^(GET|Describe|Get|Query)/.test(operation);

export interface TraceOptions {
  now(): number;
  readonly startAt: number;
  /** How many lines are kept. */
  readonly keep: number;
  /** Whether reads are traced as well. */
  readonly reads: boolean;
}

export const createTrace = ({ now, startAt, keep, reads }: TraceOptions): Trace => {
  let lines: (readonly [at: number, who: string, what: string])[] = [];
  const add = (who: string, what: string) => {
    if (keep === 0) return;
    lines.push([now(), who, what]);
    if (lines.length >= 2 * keep) lines = lines.slice(-keep);
  };
  return {
    add,
    call: (call, fate) => {
      if (keep === 0 || (fate === "succeed" && isRead(call) && !reads)) return;
      const outcome = fate === "succeed" ? "" : ` (${fate})`;
      add(call.process.name, `${call.service} ${call.operation} ${call.detail()}${outcome}`);
    },
    error: (call, error) => {
      if (keep > 0) add(call.process.name, `  ${call.service} ${call.operation} threw ${String(error)}`);
    },
    lines: () =>
      lines.slice(-keep).map(([at, who, what]) => {
        const seconds = ((at - startAt) / 1000).toFixed(3).padStart(10);
        return `${seconds} ${who.padEnd(16)} ${what}`.slice(0, MAX_LINE);
      }),
  };
};
