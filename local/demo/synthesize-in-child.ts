import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const SYNTH = fileURLToPath(new URL("../../infra/synth.ts", import.meta.url));
const ASSEMBLY = fileURLToPath(new URL("../../cdk.out", import.meta.url));

/**
 * Runs `npm run synth`, because synthesizing would block this process for seconds. Resolves to the folder of the cloud assembly; if it
 * fails, the child has printed why.
 */
export const synthesizeInChild = async (): Promise<string> => {
  const child = spawn(process.execPath, [SYNTH], { stdio: ["ignore", "ignore", "inherit"] });
  const [code, signal] = await once(child, "exit");
  if (code !== 0) throw new Error(`synthesizing the stack: ended with ${signal ?? `exit code ${code}`}`);
  return ASSEMBLY;
};
