/** `npm run e2e:real`: the main workflow on a real control plane with real kubelets, narrated as it happens. */
import { narrate } from "../../local/demo/narrate.ts";
import { poolPanel } from "../../local/demo/panel.ts";
import { openScreen, type Screen } from "../../local/demo/screen.ts";
import { problemsOf, reportGrants } from "./grants.ts";
import { type Real, startReal } from "./stage.ts";
import { deleteAll } from "./steps/delete-all.ts";
import { followUnmanaged } from "./steps/follow-alone.ts";
import { prepareCluster } from "./steps/furnish.ts";
import { drainGuarded, outlastBudget, runGuarded } from "./steps/guarded.ts";
import { endBurst } from "./steps/leave.ts";
import { serveBurst } from "./steps/serve-burst.ts";
import { stopByHand } from "./steps/stop-by-hand.ts";
import { warmUp } from "./steps/warm-up.ts";
import { summarize } from "./summary.ts";

const runSteps = async (real: Real, { say, print }: Screen): Promise<void> => {
  await prepareCluster(real);
  say("apply -f examples/quickstart, unchanged, and launch an unmanaged instance");
  await Promise.all([warmUp(real), followUnmanaged(real)]);
  say("apply -f examples/burst: four pods without a node");
  const burst = await serveBurst(real);
  say("delete the burst");
  await endBurst(real, burst.nodes);
  say("drain the node of a pod with a disruption budget; delete the budget after its first refusal");
  await runGuarded(real);
  const { answers } = await drainGuarded(real);
  say(`evictions were answered with ${answers.join(", ")}`);
  say("the same again, but keep the budget");
  await outlastBudget(real);
  say("stop the pod's instance by hand");
  await stopByHand(real);
  say("delete nodepool workers, then its node class");
  await deleteAll(real);
  print(summarize(burst));
};

/** Throws if a role grants too little or too much. */
const checkGrants = async (real: Real, { print }: Screen): Promise<void> => {
  const problems: string[] = [];
  for (const role of ["stratos-forwarder", "stratos-functions", "stratos-class-functions"] as const) {
    const report = await reportGrants(real, role);
    print(
      `${role}: ${report.granted.length} grants, ${report.used.length} used, ${report.refused.length} requests refused`,
    );
    problems.push(...problemsOf(role, report));
  }
  if (problems.length > 0) throw new Error(problems.join("\n"));
};

const runNarrated = async (real: Real): Promise<void> => {
  const { machines } = real.ec2;
  const { store } = real.kube;
  const screen = openScreen(real.clock, () => poolPanel(machines, store));
  const stopNarrating = narrate(machines, store, screen.say);
  try {
    await runSteps(real, screen);
    await checkGrants(real, screen);
  } finally {
    stopNarrating();
    screen.close();
  }
};

const untilInterrupted = (): Promise<never> =>
  new Promise((_, reject) => {
    const stop = () => reject(new Error("interrupted"));
    process.once("SIGINT", stop);
    process.once("SIGTERM", stop);
  });

/** The message with its chain of causes. */
const describeFailure = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}\nbecause: ${describeFailure(error.cause)}`;
};

const main = async (): Promise<void> => {
  const interrupted = untilInterrupted();
  interrupted.catch(() => {});
  process.stdout.write("Starting etcd, API server, scheduler, controllers and the simulated cloud…\n");
  // Ctrl-C reaches esbuild as well; the interruption is the error to report then, not esbuild's.
  const real = await startReal().catch((error: unknown) => Promise.race([interrupted, Promise.reject(error)]));
  try {
    await Promise.race([runNarrated(real), interrupted]);
  } finally {
    await real.stop();
  }
};

try {
  await main();
  process.exit(0);
} catch (error) {
  process.stderr.write(`${describeFailure(error)}\n`);
  process.exit(1);
}
