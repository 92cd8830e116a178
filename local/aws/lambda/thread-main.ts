/** Runs in a worker thread: an execution environment of one function, with the virtual clock's time and its own output. */
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";
import { parentPort, workerData } from "node:worker_threads";
import { useClock } from "./clock-date.ts";
import type { FunctionFailure, Invoke, ThreadMessage, ThreadSetup } from "./thread-messages.ts";

type Handler = (event: unknown, context: object) => unknown;

const { modulePath, handlerName, clock } = workerData as ThreadSetup;
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

// Node has read it; Lambda sets no such variable.
delete process.env.NODE_COMPILE_CACHE;
captureOutput(process.stdout);
captureOutput(process.stderr);
useClock(clock);
try {
  // Imported only now, because the bundle must see the patched Date from its first line.
  const module = (await import(pathToFileURL(modulePath).href)) as Record<string, Handler | undefined>;
  const handler = module[handlerName];
  if (typeof handler !== "function") throw new Error(`${modulePath} does not export a function ${handlerName}`);
  parentPort?.on("message", (invoke: Invoke) => void run(handler, invoke));
  send({ kind: "ready" });
} catch (error) {
  send({ kind: "initFailed", failure: describe(error) });
}
