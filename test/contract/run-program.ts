/** Programs that are not npm packages: found on the PATH, with instructions for getting them. */
import { execFile, execFileSync } from "node:child_process";

const HOW_TO_GET = {
  aws: 'pip install awscli, or AWS\'s installer ("Installing or updating to the latest version of the AWS CLI")',
  "cfn-lint": "pip install cfn-lint",
} as const;

type Program = keyof typeof HOW_TO_GET;

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

type Environment = Readonly<Record<string, string>>;

/** Throws if the program is not on the PATH; the message says how to get it. */
export const requireProgram = (program: Program): void => {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
  } catch (error) {
    throw new Error(`there is no ${program} on the PATH: ${HOW_TO_GET[program]}`, { cause: error });
  }
};

/** Resolves whatever the exit code; throws only if the program cannot be started or exceeds `limitMs`. `env` extends this process's environment. */
export const run = (program: string, args: readonly string[], env: Environment, limitMs = 120_000): Promise<Outcome> =>
  new Promise((resolve, reject) => {
    const options = { env: { ...process.env, ...env }, timeout: limitMs, maxBuffer: 64 * 1024 * 1024 };
    execFile(program, [...args], options, (error, stdout, stderr) => {
      if (!error) resolve({ code: 0, stdout, stderr });
      else if (typeof error.code === "number") resolve({ code: error.code, stdout, stderr });
      else
        reject(
          new Error(`running ${program} ${args.join(" ")}: ${error.message}\n${stdout}${stderr}`, { cause: error }),
        );
    });
  });

/** A proxy address that nothing listens on, so that HTTPS requests to other machines fail at once. */
const DEAD_PROXY = "http://127.0.0.1:9";

/** Makes AWS's programs talk to a local implementation and to nothing else. */
export const awsEnvironment = (endpoint: string): Environment => ({
  AWS_ENDPOINT_URL: endpoint,
  AWS_ACCESS_KEY_ID: "test",
  AWS_SECRET_ACCESS_KEY: "test",
  AWS_SESSION_TOKEN: "",
  AWS_REGION: "us-east-1",
  AWS_DEFAULT_REGION: "us-east-1",
  AWS_EC2_METADATA_DISABLED: "true",
  AWS_CONFIG_FILE: "/dev/null",
  AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  AWS_PAGER: "",
  HTTPS_PROXY: DEAD_PROXY,
  https_proxy: DEAD_PROXY,
});

/** Runs the AWS CLI. Version 1 reads the endpoint for SQS from the command line only. */
export const runAws = (endpoint: string, args: readonly string[], env: Environment = {}): Promise<Outcome> =>
  run("aws", ["--endpoint-url", endpoint, "--output", "json", ...args], { ...awsEnvironment(endpoint), ...env });
