/** Starts the simulated cloud and cluster and runs the demo on them. */
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { type Environment, startEnvironment } from "../environment/start.ts";
import { KUBECONFIG } from "./kubeconfig-path.ts";
import { narrate } from "./narrate.ts";
import { poolPanel } from "./panel.ts";
import { runStep } from "./run-step.ts";
import { runDemo } from "./scenario.ts";
import { openScreen } from "./screen.ts";
import { summarize } from "./summary.ts";

export interface DemoOptions {
  readonly speed: number;
  /** Of the Kubernetes API; 0 picks a free one. */
  readonly port: number;
  readonly keep: boolean;
  readonly assembly: string;
}

/** Resolves when the demo is over; with `keep`, never. */
export const startDemo = async ({ speed, port, keep, assembly }: DemoOptions): Promise<void> => {
  const environment = await runStep("Starting the simulated cloud and cluster from its template", () =>
    startEnvironment({ speed, apiServerPort: port, assembly }),
  );
  mkdirSync(dirname(KUBECONFIG), { recursive: true });
  environment.writeKubeconfig(KUBECONFIG);
  process.stdout.write(`AWS at ${environment.awsUrl}, Kubernetes at ${environment.kube.url}, speed ${speed}\n`);
  await run(environment, keep);
  await environment.stop();
};

const run = async (environment: Environment, keep: boolean): Promise<void> => {
  const { store } = environment.kube;
  const screen = openScreen(environment.clock, () => poolPanel(environment.ec2.machines, store));
  const stopNarrating = narrate(environment.ec2.machines, store, screen.say);
  const startedAt = performance.now();
  try {
    const result = await runDemo(environment, screen);
    screen.print(summarize(result, performance.now() - startedAt));
    if (!keep) return;
    screen.print(`export KUBECONFIG=${KUBECONFIG}\nStill running; press Ctrl-C to stop.`);
    await new Promise(() => {});
  } finally {
    stopNarrating();
    screen.close();
  }
};
