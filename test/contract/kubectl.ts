import { execFile } from "node:child_process";
import { findProgram } from "./programs.ts";

/** How a run of kubectl ended and what it printed. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs kubectl with these arguments and this standard input. Throws if it does not end. */
export type RunKubectl = (args: readonly string[], input?: string) => Promise<Outcome>;

const LIMIT_MS = 60_000;

/** `directory` takes kubectl's caches, so that it leaves nothing in the home directory. */
export const createRunKubectl = (kubeconfig: string, directory: string): RunKubectl => {
  const program = findProgram("kubectl");
  const env = { ...process.env, KUBECONFIG: kubeconfig, KUBECACHEDIR: `${directory}/kubectl-cache` };
  return (args, input = "") =>
    new Promise((resolve, reject) => {
      const child = execFile(program, [...args], { env, timeout: LIMIT_MS }, (error, stdout, stderr) => {
        if (error && typeof error.code !== "number") reject(error);
        else resolve({ code: Number(error?.code ?? 0), stdout, stderr });
      });
      child.stdin?.end(input);
    });
};
