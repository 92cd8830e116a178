/** Runs in a worker thread: an execution environment of one function, with the virtual clock's time and its own output. */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";
import { parentPort } from "node:worker_threads";
import { useClock } from "./clock-date.ts";
import type { FunctionFailure, Invoke, Setup, ThreadMessage } from "./thread-messages.ts";

type Handler = (event: unknown, context: object) => unknown;
type Exports = Record<string, Handler | undefined>;

const require = createRequire(import.meta.url);
const send = (message: ThreadMessage) => parentPort?.postMessage(message);

/** Sends output on the same channel as the results, so that no line of an invocation arrives after its result. */
const captureOutput = (stream: NodeJS.WriteStream) => {
  stream.write = ((chunk: Uint8Array | string, ...rest: unknown[]) => {
    send({ kind: "output", text: typeof chunk === "string" ? chunk : Buffer.from(chunk).toString() });
    const done = rest.at(-1);
    if (typeof done === "function") done();
    return true;
  }) as typeof stream.write;
};

const describe = (error: unknown): FunctionFailure =>
  error instanceof Error
    ? { errorType: error.name, errorMessage: error.message, trace: inspect(error).split("\n") }
    : { errorType: typeof error, errorMessage: String(error), trace: [] };

const run = async (handler: Handler, { context, deadline, event }: Invoke) => {
  const remaining = { ...context, getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()) };
  try {
    const result = await handler(JSON.parse(event), remaining);
    send({ kind: "succeeded", payload: JSON.stringify(result ?? null) });
  } catch (error) {
    send({ kind: "failed", failure: describe(error) });
  }
};

/** Evaluates the module, a CommonJS module anew even if this thread has done so for another environment. */
const evaluate = async (modulePath: string): Promise<Exports> => {
  if (!modulePath.endsWith(".cjs")) return (await import(pathToFileURL(modulePath).href)) as Exports;
  delete require.cache[modulePath];
  return require(modulePath) as Exports;
};

const setUp = async ({ modulePath, handlerName, clock, env }: Setup): Promise<Handler> => {
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, env);
  // Before the module, which must see the patched Date from its first line.
  useClock(clock);
  const handler = (await evaluate(modulePath))[handlerName];
  if (typeof handler !== "function") throw new Error(`${modulePath} does not export a function ${handlerName}`);
  return handler;
};

let handler: Handler | undefined;
const begin = async (setup: Setup) => {
  try {
    handler = await setUp(setup);
    send({ kind: "ready" });
  } catch (error) {
    send({ kind: "initFailed", failure: describe(error) });
  }
};

captureOutput(process.stdout);
captureOutput(process.stderr);
parentPort?.on("message", (message: Setup | Invoke) => {
  if (message.kind === "setup") void begin(message);
  else if (handler) void run(handler, message);
});
