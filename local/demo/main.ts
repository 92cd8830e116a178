/**
 * `npm start`: runs the main job on the simulated cloud and cluster. This file loads little, so that its first lines appear at once, and
 * it handles no signal: Ctrl-C ends the process even while it computes, and nothing outlives it that would have to be removed.
 */
import { parseArgs } from "node:util";
import { KUBECONFIG } from "./kubeconfig-path.ts";
import { runStep } from "./run-step.ts";
import { synthesizeInChild } from "./synthesize-in-child.ts";

const DEFAULT_SPEED = 10;

const USAGE = `usage: npm start -- [--speed N] [--port N] [--keep]

  --speed N  how many times faster than real time to pass idle time (default ${DEFAULT_SPEED}; 1 to 1000); work always takes real time
  --port N   the port of the Kubernetes API on 127.0.0.1 (default: a free one)
  --keep     keep the simulated cloud and cluster running afterwards, for kubectl; press Ctrl-C to stop
`;

interface Options {
  readonly speed: number;
  readonly port: number;
  readonly keep: boolean;
}

/** Throws an error that names the value found and the values allowed. */
const numberOption = (name: string, found: string, [min, max]: readonly [number, number]): number => {
  const value = Number(found);
  if (value >= min && value <= max) return value;
  throw new Error(`${name}: found ${JSON.stringify(found)}, allowed: a number from ${min} to ${max}`);
};

const parseOptions = (args: readonly string[]): Options | "help" => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      speed: { type: "string", default: String(DEFAULT_SPEED) },
      port: { type: "string" },
      keep: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return "help";
  return {
    speed: numberOption("--speed", values.speed, [1, 1000]),
    port: values.port === undefined ? 0 : numberOption("--port", values.port, [1, 65_535]),
    keep: values.keep,
  };
};

const main = async (): Promise<void> => {
  const options = parseOptions(process.argv.slice(2));
  if (options === "help") return void process.stdout.write(USAGE);
  process.stdout.write(`A simulated cloud and cluster; press Ctrl-C to stop.\nexport KUBECONFIG=${KUBECONFIG}\n`);
  const assembly = await runStep("Bundling the functions and synthesizing the stack", synthesizeInChild);
  const { startDemo } = await runStep("Loading the simulators", () => import("./start-demo.ts"));
  await startDemo({ ...options, assembly });
};

try {
  await main();
  process.exit(0);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
