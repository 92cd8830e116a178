/** `npm start`: runs the main job on the simulated cloud and cluster. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { synthesize } from "../../infra/synth.ts";
import { type Environment, startEnvironment } from "../environment/start.ts";
import { narrate } from "./narrate.ts";
import { poolPanel } from "./panel.ts";
import { runDemo } from "./scenario.ts";
import { openScreen } from "./screen.ts";
import { summarize } from "./summary.ts";

const DEFAULT_SPEED = 10;

const USAGE = `usage: npm start -- [--speed N] [--keep]

  --speed N  how many times faster than real time to pass idle time (default ${DEFAULT_SPEED}; 1 to 1000); work always takes real time
  --keep     keep the simulated cloud and cluster running afterwards, for kubectl; press Ctrl-C to stop
`;

interface Options {
  readonly speed: number;
  readonly keep: boolean;
}

/** Throws an error that names the value found and the values allowed. */
const parseOptions = (args: readonly string[]): Options | "help" => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      speed: { type: "string", default: String(DEFAULT_SPEED) },
      keep: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return "help";
  const speed = Number(values.speed);
  if (!(speed >= 1 && speed <= 1000)) {
    throw new Error(`--speed: found ${JSON.stringify(values.speed)}, allowed: a number from 1 to 1000`);
  }
  return { speed, keep: values.keep };
};

const untilInterrupted = (): Promise<void> =>
  new Promise((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
  });

const run = async (environment: Environment, keep: boolean, kubeconfig: string): Promise<void> => {
  const { store } = environment.kube;
  const screen = openScreen(environment.clock, () => poolPanel(environment.ec2.machines, store));
  const stopNarrating = narrate(environment.ec2.machines, store, screen.say);
  const startedAt = performance.now();
  try {
    const result = await runDemo(environment, screen);
    screen.print(summarize(result, performance.now() - startedAt));
    if (!keep) return;
    environment.writeKubeconfig(kubeconfig);
    screen.print(`export KUBECONFIG=${kubeconfig}\n`);
    screen.print("Still running; press Ctrl-C to stop.");
    await untilInterrupted();
  } finally {
    stopNarrating();
    screen.close();
  }
};

const main = async (): Promise<void> => {
  const options = parseOptions(process.argv.slice(2));
  if (options === "help") return void process.stdout.write(USAGE);
  const interrupted = untilInterrupted().then(() => "interrupted" as const);
  process.stdout.write("Synthesizing the stack…\n");
  const assembly = await synthesize();
  process.stdout.write("Starting the simulated cloud and cluster from its template…\n");
  const environment = await startEnvironment({ speed: options.speed, assembly });
  const folder = mkdtempSync(join(tmpdir(), "stratos-"));
  try {
    process.stdout.write(
      `AWS at ${environment.awsUrl}, Kubernetes at ${environment.kube.url}, speed ${options.speed}\n`,
    );
    await Promise.race([run(environment, options.keep, join(folder, "kubeconfig")), interrupted]);
  } finally {
    await environment.stop();
    rmSync(folder, { recursive: true, force: true });
  }
};

try {
  await main();
  // Exit even if Ctrl-C stopped the demo while a function was still running; its result does not matter.
  process.exit(0);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
