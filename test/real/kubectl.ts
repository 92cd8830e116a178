import { execFile } from "node:child_process";
import { findProgram } from "../contract/programs.ts";

/** Runs kubectl with these arguments and this standard input; what it printed. Throws with what it complained of. */
export type Kubectl = (args: readonly string[], input?: string) => Promise<string>;

const LIMIT_MS = 60_000;

/** `directory` takes kubectl's caches, so that it leaves nothing in the home directory. */
export const createKubectl = (kubeconfig: string, directory: string): Kubectl => {
  const program = findProgram("kubectl");
  const env = { ...process.env, KUBECONFIG: kubeconfig, KUBECACHEDIR: `${directory}/kubectl-cache` };
  return (args, input = "") =>
    new Promise((resolve, reject) => {
      const child = execFile(program, [...args], { env, timeout: LIMIT_MS }, (error, stdout, stderr) => {
        if (error) reject(new Error(`kubectl ${args.join(" ")}: ${stderr.trim() || error.message}`));
        else if (stderr.trim() !== "") reject(new Error(`kubectl ${args.join(" ")} warned: ${stderr.trim()}`));
        else resolve(stdout);
      });
      child.stdin?.end(input);
    });
};
