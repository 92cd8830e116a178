/** The CDK CLI, as a user runs it, against a local implementation of CloudFormation. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../../infra/functions.ts";
import { awsEnvironment, type Outcome, run } from "../contract/run-program.ts";

export const ACCOUNT = "123456789012";
export const REGION = "us-east-1";

export interface Cdk {
  /** Throws with the output unless the exit code is one of `codes`. */
  run(args: readonly string[], codes?: readonly number[]): Promise<Outcome>;
  stop(): Promise<void>;
}

const LIMIT_MS = 180_000;

export const createCdk = async (endpoint: string): Promise<Cdk> => {
  const home = await mkdtemp(join(tmpdir(), "stratos-cdk-"));
  const program = join(ROOT, "node_modules/aws-cdk/bin/cdk");
  const env = {
    ...awsEnvironment(endpoint),
    // Notices, telemetry and the version check would need other hosts.
    CDK_HOME: home,
    CDK_DISABLE_CLI_TELEMETRY: "true",
    CDK_DISABLE_VERSION_CHECK: "true",
    NO_COLOR: "1",
  };
  return {
    run: async (args, codes = [0]) => {
      const outcome = await run(process.execPath, [program, ...args, "--no-notices", "--ci"], env, LIMIT_MS);
      if (codes.includes(outcome.code)) return outcome;
      throw new Error(`cdk ${args.join(" ")} ended with ${outcome.code}:\n${outcome.stdout}${outcome.stderr}`);
    },
    stop: () => rm(home, { recursive: true, force: true }),
  };
};
