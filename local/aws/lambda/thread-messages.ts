/** The messages between the runtime and the threads that run function code. */

/** The first message to the thread of an environment. */
export interface Setup {
  readonly kind: "setup";
  /** Absolute path of the module that exports the handler. */
  readonly modulePath: string;
  readonly handlerName: string;
  /** The clock's time; see `readClock`. */
  readonly clock: SharedArrayBuffer;
  /** The environment variables, in place of all others. */
  readonly env: Readonly<Record<string, string>>;
}

export interface InvocationContext {
  readonly functionName: string;
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
  readonly awsRequestId: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
}

export interface Invoke {
  readonly kind: "invoke";
  readonly context: InvocationContext;
  /** Milliseconds since the epoch, in the clock's time. */
  readonly deadline: number;
  /** JSON. */
  readonly event: string;
}

/** A function's error in the form that Lambda reports. */
export interface FunctionFailure {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

export type ThreadMessage =
  | { readonly kind: "ready" }
  | { readonly kind: "initFailed"; readonly failure: FunctionFailure }
  | { readonly kind: "output"; readonly text: string }
  | { readonly kind: "succeeded"; readonly payload: string }
  | { readonly kind: "failed"; readonly failure: FunctionFailure };
