/** A process's output, as far as steps write to it. */
export type Output = Pick<NodeJS.WriteStream, "isTTY" | "write">;

/** Runs a step of the start: prints its name at once, on a terminal the seconds as they pass, and how long it took. */
export const runStep = async <T>(name: string, step: () => Promise<T>, out: Output = process.stdout): Promise<T> => {
  const startedAt = performance.now();
  const seconds = () => `${Math.round((performance.now() - startedAt) / 1000)} s`;
  const again = out.isTTY ? `\r${name}…` : "";
  out.write(`${name}…`);
  const timer = out.isTTY ? setInterval(() => out.write(`${again} ${seconds()}`), 1000) : undefined;
  try {
    return await step();
  } finally {
    clearInterval(timer);
    out.write(`${again} ${seconds()}\n`);
  }
};
