/** What functions write to stdout and stderr: lines per function, and the metrics in them. */
import { type Metric, readMetrics } from "./emf.ts";

export interface LogLine {
  /** Milliseconds since the epoch, in the clock's time. */
  readonly at: number;
  readonly text: string;
}

export interface FunctionOutput {
  write(functionName: string, text: string): void;
  /** The latest lines, oldest first. */
  logs(functionName: string): readonly LogLine[];
  /** The latest metrics of all functions, oldest first. */
  metrics(): readonly Metric[];
}

/** Enough for every test; an environment that runs for days must not grow without bound. */
const LINES_KEPT = 20_000;
const METRICS_KEPT = 100_000;

export const createFunctionOutput = (now: () => number): FunctionOutput => {
  const lines = new Map<string, LogLine[]>();
  const partial = new Map<string, string>();
  const metrics: Metric[] = [];

  const keep = <T>(list: T[], items: readonly T[], limit: number) => {
    list.push(...items);
    // Trims a tenth at a time, because moving the whole list for each line would be slow.
    if (list.length > limit * 1.1) list.splice(0, list.length - limit);
  };

  return {
    write: (functionName, text) => {
      const complete = ((partial.get(functionName) ?? "") + text).split("\n");
      partial.set(functionName, complete.pop() ?? "");
      const at = now();
      const list = lines.get(functionName) ?? [];
      lines.set(functionName, list);
      keep(
        list,
        complete.map((line) => ({ at, text: line })),
        LINES_KEPT,
      );
      keep(metrics, complete.flatMap(readMetrics), METRICS_KEPT);
    },
    logs: (functionName) => lines.get(functionName) ?? [],
    metrics: () => metrics,
  };
};
