import type { Script, ScriptStep } from "./boot-plan.ts";
import { runWarmup } from "./run-warmup.ts";
import type { ScriptHost } from "./script-host.ts";

/** Duration of bootstrap.sh: it describes the cluster, writes the kubelet's configuration and starts the kubelet. */
const BOOTSTRAP_MS = 1_000;

const runStep = (step: ScriptStep, host: ScriptHost, next: () => void): void => {
  const { timers, images, join, awaitKubelet, powerOff } = host;
  switch (step.kind) {
    case "bootstrap":
      timers.after(BOOTSTRAP_MS, () => {
        join(step.settings);
        next();
      });
      return;
    case "awaitKubelet":
      awaitKubelet(step.pollMs, next);
      return;
    case "sleep":
      timers.after(step.ms, next);
      return;
    case "pull":
      images.ensureImage(step.image, next);
      return;
    case "warmUp":
      runWarmup(step.plan, host);
      next();
      return;
    case "powerOff":
      powerOff();
  }
};

/** Runs the steps in order. A script that waits for something that never happens does not end. */
const runScript = ({ steps }: Script, host: ScriptHost, ended: () => void): void => {
  const [step, ...rest] = steps;
  if (!step) ended();
  else runStep(step, host, () => runScript({ steps: rest, inBackground: false }, host, ended));
};

/** Runs the scripts in order. Those in the background delay no other. */
export const runScripts = (scripts: readonly Script[], host: ScriptHost, ended: () => void): void => {
  const [script, ...rest] = scripts;
  if (!script) ended();
  else if (script.inBackground) {
    runScript(script, host, () => {});
    runScripts(rest, host, ended);
  } else runScript(script, host, () => runScripts(rest, host, ended));
};
