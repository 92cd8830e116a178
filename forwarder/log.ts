type Fields = Readonly<Record<string, unknown>>;

export interface Log {
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}

/** One JSON object per line, for CloudWatch Logs and `kubectl logs`. */
export const jsonLog = (write: (line: string) => void, now: () => number, base: Fields = {}): Log => {
  const at =
    (level: string) =>
    (message: string, fields: Fields = {}) =>
      write(`${JSON.stringify({ timestamp: new Date(now()).toISOString(), level, message, ...base, ...fields })}\n`);
  return { info: at("INFO"), warn: at("WARN"), error: at("ERROR") };
};

/** An error and its causes in one line. */
export const describeError = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `: ${describeError(error.cause)}`;
  return `${error.name}: ${error.message}${cause}`;
};
