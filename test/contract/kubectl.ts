import { execFile, spawn } from "node:child_process";
import { findProgram } from "./programs.ts";

/** How a run of kubectl ended and what it printed. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A run that continues until it is stopped, such as `get --watch`. */
export interface Running {
  /** What it has printed so far. */
  printed(): string;
  stop(): void;
}

export interface KubectlRunner {
  /** Runs kubectl with these arguments and this standard input. Throws on a timeout. */
  run(args: readonly string[], input?: string): Promise<Outcome>;
  start(args: readonly string[]): Running;
}

const LIMIT_MS = 60_000;

/** `directory` holds kubectl's caches, so that nothing is left in the home directory. */
export const createKubectlRunner = (kubeconfig: string, directory: string): KubectlRunner => {
  const program = findProgram("kubectl");
  const env = { ...process.env, KUBECONFIG: kubeconfig, KUBECACHEDIR: `${directory}/kubectl-cache` };
  return {
    run: (args, input = "") =>
      new Promise((resolve, reject) => {
        const child = execFile(program, [...args], { env, timeout: LIMIT_MS }, (error, stdout, stderr) => {
          if (error && typeof error.code !== "number") reject(error);
          else resolve({ code: Number(error?.code ?? 0), stdout, stderr });
        });
        child.stdin?.end(input);
      }),
    start: (args) => {
      const child = spawn(program, [...args], { env });
      const chunks: string[] = [];
      for (const output of [child.stdout, child.stderr]) {
        output.setEncoding("utf8").on("data", (chunk: string) => void chunks.push(chunk));
      }
      return { printed: () => chunks.join(""), stop: () => void child.kill() };
    },
  };
};
