/** `npm run e2e:real`: the whole job with a real control plane and real kubelets, told as it happens. */
import { narrate } from "../../local/demo/narrate.ts";
import { poolPanel } from "../../local/demo/panel.ts";
import { openScreen, type Screen } from "../../local/demo/screen.ts";
import { problemsOf, reportGrants } from "./grants.ts";
import { type Real, startReal } from "./stage.ts";
import { deleteAll } from "./steps/delete-all.ts";
import { followAlone } from "./steps/follow-alone.ts";
import { furnish } from "./steps/furnish.ts";
import { drainGuarded, outlastBudget, runGuarded } from "./steps/guarded.ts";
import { leave } from "./steps/leave.ts";
import { serveBurst } from "./steps/serve-burst.ts";
import { stopByHand } from "./steps/stop-by-hand.ts";
import { warmUp } from "./steps/warm-up.ts";
import { summarize } from "./summary.ts";

const runSteps = async (real: Real, { say, print }: Screen): Promise<void> => {
  await furnish(real);
  say("apply -f examples/quickstart, as it is; beside it, an instance that Stratos does not manage");
  await Promise.all([warmUp(real), followAlone(real)]);
  say("apply -f examples/burst: four pods, for which there is no node");
  const burst = await serveBurst(real);
  say("the burst leaves");
  await leave(real, burst.nodes);
  say("a pod with a disruption budget; its node is to be drained, and the budget is taken away once it has refused");
  await runGuarded(real);
  const { answers } = await drainGuarded(real);
  say(`evictions were answered with ${answers.join(", ")}`);
  say("the same again, but the budget stays");
  await outlastBudget(real);
  say("somebody stops the pod's instance by hand");
  await stopByHand(real);
  say("delete nodepool workers, then its class");
  await deleteAll(real);
  print(summarize(burst));
};

/** Throws if a role grants too little or too much. */
const checkGrants = async (real: Real, { print }: Screen): Promise<void> => {
  const problems: string[] = [];
  for (const role of ["stratos-forwarder", "stratos-functions"] as const) {
    const report = await reportGrants(real, role);
    print(
      `${role}: ${report.granted.length} grants, ${report.used.length} used, ${report.refused.length} requests refused`,
    );
    problems.push(...problemsOf(role, report));
  }
  if (problems.length > 0) throw new Error(problems.join("\n"));
};

const tell = async (real: Real): Promise<void> => {
  const { machines } = real.ec2;
  const { store } = real.kube;
  const screen = openScreen(real.clock, () => poolPanel(machines, store));
  const silence = narrate(machines, store, screen.say);
  try {
    await runSteps(real, screen);
    await checkGrants(real, screen);
  } finally {
    silence();
    screen.close();
  }
};

const untilInterrupted = (): Promise<never> =>
  new Promise((_, reject) => {
    const stop = () => reject(new Error("interrupted"));
    process.once("SIGINT", stop);
    process.once("SIGTERM", stop);
  });

/** With what caused it, and what caused that. */
const describeFailure = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}\nbecause: ${describeFailure(error.cause)}`;
};

const main = async (): Promise<void> => {
  const interrupted = untilInterrupted();
  interrupted.catch(() => {});
  process.stdout.write("Starting etcd, API server, scheduler, controllers and the embedded cloud…\n");
  // Ctrl-C reaches esbuild as well; that it was stopped is not the reason to give then.
  const real = await startReal().catch((error: unknown) => Promise.race([interrupted, Promise.reject(error)]));
  try {
    await Promise.race([tell(real), interrupted]);
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
