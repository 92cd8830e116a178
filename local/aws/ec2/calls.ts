/** What was asked of EC2: for tests and benchmarks. */
export interface LoggedCall {
  readonly action: string;
  /** The clock's time. */
  readonly at: number;
  /** ARN. */
  readonly principal: string;
  /** Of the instances it was about; for a launch, of those it made. */
  readonly ids: readonly string[];
  /** EC2's code, if the caller was answered with one. */
  readonly error?: string;
}

export interface CallLog {
  add(call: LoggedCall): void;
  /** Oldest first. */
  list(): readonly LoggedCall[];
}

/** Days of a busy pool; a caller that runs wild must not fill the memory. */
const MOST_CALLS = 200_000;

export const createCallLog = (): CallLog => {
  const calls: LoggedCall[] = [];
  return {
    add: (call) => {
      calls.push(call);
      if (calls.length > MOST_CALLS) calls.shift();
    },
    list: () => calls,
  };
};
