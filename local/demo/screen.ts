/** The demo's output: lines with the simulated cloud's time and, on a terminal, a live panel of the pool below them. */
import type { Clock } from "../clock.ts";

const REDRAW_MS = 200;
const CLEAR_BELOW = "\x1b[0J";

export interface Screen {
  /** Prints a line with the time since the demo began. */
  say(line: string): void;
  /** Prints text without a time. */
  print(text: string): void;
  close(): void;
}

const elapsed = (ms: number): string => {
  const seconds = ms / 1000;
  return `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${(seconds % 60).toFixed(1).padStart(4, "0")}`;
};

export const openScreen = (
  clock: Clock,
  panel: () => readonly string[],
  out: NodeJS.WriteStream = process.stdout,
): Screen => {
  const startedAt = clock.now();
  const live = out.isTTY === true;
  let drawn = 0;

  const erase = () => (drawn > 0 ? `\x1b[${drawn}A\r${CLEAR_BELOW}` : "");
  const draw = (): string => {
    if (!live) return "";
    // `columns` is 0 on a terminal of unknown width.
    const width = out.columns || 80;
    const lines = ["", `── ${elapsed(clock.now() - startedAt)} ──`, ...panel()].map((line) => line.slice(0, width - 1));
    drawn = lines.length;
    return `${lines.join("\n")}\n`;
  };
  const put = (text: string) => {
    const cleared = erase();
    drawn = 0;
    out.write(`${cleared}${text}\n${draw()}`);
  };
  const redraw = () => {
    const cleared = erase();
    out.write(`${cleared}${draw()}`);
  };
  // Redraws in real time, because people read in real time whatever the simulated cloud's speed.
  const timer = live ? setInterval(redraw, REDRAW_MS) : undefined;

  return {
    say: (line) => put(`[${elapsed(clock.now() - startedAt)}] ${line}`),
    print: put,
    close: () => {
      clearInterval(timer);
      if (live) out.write(erase());
      drawn = 0;
    },
  };
};
