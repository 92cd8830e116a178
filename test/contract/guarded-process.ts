/** A child process that ends on request, and also when its parent process is gone for whatever reason. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * The shell's standard input is a pipe that closes when the parent closes it or dies. Then the program gets SIGTERM and five seconds later
 * SIGKILL, because an API server without its etcd ignores SIGTERM.
 */
const GUARD = `
exec 3<&0
"$@" & program=$!
( read -r _ <&3; kill "$program"; sleep 5; kill -9 "$program" ) & guard=$!
wait "$program"; code=$?
kill "$guard" 2>/dev/null
exit "$code"`;

const LOG_TAIL = 2000;

export interface GuardedProcess {
  /** The error, if the program ended by itself. */
  failure(): Error | undefined;
  /** Resolves once the program is gone; may be called repeatedly. */
  stop(): Promise<void>;
}

/** Standard output and error go to the file `log`, whose tail becomes part of `failure`. `env` extends this process's environment. */
export const startGuarded = (
  program: string,
  args: readonly string[],
  log: string,
  env: Readonly<Record<string, string>> = {},
): GuardedProcess => {
  const output = openSync(log, "a");
  const child = spawn("/bin/sh", ["-c", GUARD, "sh", program, ...args], {
    stdio: ["pipe", output, output],
    env: { ...process.env, ...env },
    // Its own process group: otherwise Ctrl-C would reach an API server, its etcd and the guard all at once.
    detached: true,
  });
  closeSync(output);
  let stopping = false;
  let failure: Error | undefined;
  const ended = new Promise<void>((resolve) => {
    child.once("error", (error) => {
      failure = new Error(`starting ${program}: ${error.message}`, { cause: error });
      resolve();
    });
    child.once("exit", (code) => {
      if (!stopping)
        failure = new Error(`${program} ended with ${code}: ${readFileSync(log, "utf8").slice(-LOG_TAIL)}`);
      resolve();
    });
  });
  return {
    failure: () => failure,
    stop: () => {
      stopping = true;
      closeInput(child);
      return ended;
    },
  };
};

const closeInput = (child: ChildProcess) => child.stdin?.end();

/** Polls `isTrue` every 50 ms; throws when a process has ended or after `limitMs` of real time. */
export const waitUntil = async (
  what: string,
  limitMs: number,
  processes: readonly GuardedProcess[],
  isTrue: () => Promise<boolean>,
): Promise<void> => {
  const deadline = performance.now() + limitMs;
  while (!(await isTrue())) {
    const failure = processes.map((process) => process.failure()).find((found) => found !== undefined);
    if (failure) throw failure;
    if (performance.now() > deadline) throw new Error(`${what} took longer than ${limitMs / 1000} s`);
    await sleep(50);
  }
};
