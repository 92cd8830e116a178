/** Starts processes that plan, and talks to them. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { DemandInput } from "./input.ts";
import type { Allocation, Message, Outcome, Round } from "./planner-process.ts";

export interface Planner {
  /** Makes everything ready for rounds with this input. */
  prepare(input: DemandInput): Promise<Outcome>;
  /** Plans once. */
  round(): Promise<Round>;
  /** What one plan allocates, once the compiler has seen some. */
  allocation(): Promise<Allocation>;
  stop(): void;
}

const PROCESS = fileURLToPath(new URL("./planner-process.ts", import.meta.url));

const ask = async <T>(child: ChildProcess, message: Message): Promise<T> => {
  const answered = new AbortController();
  const answer = Promise.race([
    once(child, "message"),
    once(child, "exit", answered).then(([code]) => Promise.reject(new Error(`a planner's process ended with ${code}`))),
  ]);
  child.send(message);
  const [found] = await answer;
  answered.abort();
  return found as T;
};

/** The planner of the checkout with this root. */
export const startPlanner = (root: string): Planner => {
  const child = fork(PROCESS, [root], { cwd: root, stdio: ["ignore", 2, 2, "ipc"] });
  return {
    prepare: (input) => ask(child, { input }),
    round: () => ask(child, "round"),
    allocation: () => ask(child, "allocation"),
    stop: () => void child.kill(),
  };
};
