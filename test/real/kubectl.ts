import { createKubectlRunner } from "../contract/kubectl.ts";

/** Runs kubectl with these arguments and this standard input; returns its output. Throws with its error output or warnings. */
export type Kubectl = (args: readonly string[], input?: string) => Promise<string>;

/** `directory` holds kubectl's caches, so that nothing is left in the home directory. */
export const createKubectl = (kubeconfig: string, directory: string): Kubectl => {
  const { run } = createKubectlRunner(kubeconfig, directory);
  return async (args, input) => {
    const { code, stdout, stderr } = await run(args, input);
    if (code !== 0) throw new Error(`kubectl ${args.join(" ")}: ${stderr.trim() || `ended with ${code}`}`);
    if (stderr.trim() !== "") throw new Error(`kubectl ${args.join(" ")} warned: ${stderr.trim()}`);
    return stdout;
  };
};
