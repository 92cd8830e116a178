/** A record of one EC2 call, for tests and benchmarks. */
export interface LoggedCall {
  readonly action: string;
  /** In ms of the clock. */
  readonly at: number;
  /** The caller's ARN. */
  readonly principal: string;
  /** The instances that the call names; for a launch, the instances that it created. */
  readonly ids: readonly string[];
  /** EC2's error code, if the call failed. */
  readonly error?: string;
}

export interface CallLog {
  add(call: LoggedCall): void;
  /** Oldest first. */
  list(): readonly LoggedCall[];
}

/** Enough for days of a busy pool; keeps a runaway caller from exhausting memory. */
const MAX_CALLS = 200_000;

export const createCallLog = (): CallLog => {
  const calls: LoggedCall[] = [];
  return {
    add: (call) => {
      calls.push(call);
      if (calls.length > MAX_CALLS) calls.shift();
    },
    list: () => calls,
  };
};
