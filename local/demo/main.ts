/** `npm start`: the main job on the embedded cloud and cluster. */
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

  --speed N  how much faster than real time idle time passes (default ${DEFAULT_SPEED}; 1 to 1000); work always takes its real time
  --keep     leave the embedded cloud and cluster running afterwards, for kubectl; Ctrl-C ends it
`;

interface Options {
  readonly speed: number;
  readonly keep: boolean;
}

/** Throws with what was found and what is allowed. */
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
    throw new Error(`--speed: found ${JSON.stringify(values.speed)}, allowed is a number from 1 to 1000`);
  }
  return { speed, keep: values.keep };
};

const untilInterrupted = (): Promise<void> =>
  new Promise((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
  });

const show = async (embedded: Environment, keep: boolean, kubeconfig: string): Promise<void> => {
  const { store } = embedded.kube;
  const screen = openScreen(embedded.clock, () => poolPanel(embedded.ec2.machines, store));
  const silence = narrate(embedded.ec2.machines, store, screen.say);
  const startedAt = performance.now();
  try {
    const result = await runDemo(embedded, screen);
    screen.print(summarize(result, performance.now() - startedAt));
    if (!keep) return;
    embedded.writeKubeconfig(kubeconfig);
    screen.print(`export KUBECONFIG=${kubeconfig}\n`);
    screen.print("Still running; Ctrl-C ends it.");
    await untilInterrupted();
  } finally {
    silence();
    screen.close();
  }
};

const main = async (): Promise<void> => {
  const options = parseOptions(process.argv.slice(2));
  if (options === "help") return void process.stdout.write(USAGE);
  const interrupted = untilInterrupted().then(() => "interrupted" as const);
  process.stdout.write("Synthesizing the stack…\n");
  const assembly = await synthesize();
  process.stdout.write("Starting the embedded cloud and cluster from its template…\n");
  const embedded = await startEnvironment({ speed: options.speed, assembly });
  const folder = mkdtempSync(join(tmpdir(), "stratos-"));
  try {
    process.stdout.write(`AWS at ${embedded.awsUrl}, Kubernetes at ${embedded.kube.url}, speed ${options.speed}\n`);
    await Promise.race([show(embedded, options.keep, join(folder, "kubeconfig")), interrupted]);
  } finally {
    await embedded.stop();
    rmSync(folder, { recursive: true, force: true });
  }
};

try {
  await main();
  // Ctrl-C may have ended the show while a function was at work; nothing of it matters any more.
  process.exit(0);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
