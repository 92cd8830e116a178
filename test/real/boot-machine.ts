/** A running machine with a real kubelet. */

import type { Machine, Machines } from "../../local/aws/ec2/machines.ts";
import type { Clock } from "../../local/clock.ts";
import type { KubeletSettings } from "../../local/kubernetes/kubelet/boot-plan.ts";
import { createHealth } from "../../local/kubernetes/kubelet/health.ts";
import { readUserData } from "../../local/kubernetes/kubelet/read-user-data.ts";
import { runScripts } from "../../local/kubernetes/kubelet/run-script.ts";
import type { ScriptHost } from "../../local/kubernetes/kubelet/script-host.ts";
import { createTimers } from "../../local/kubernetes/kubelet/timers.ts";
import type { GuardedProcess } from "../contract/guarded-process.ts";
import { startKubeletProcess } from "./kubelet-process.ts";

/** From power-on to the first service. Short, because the scenario waits in real time. */
const BOOT_MS = 500;
/** The hollow kubelet registers its node 0.9 s after its start, and does not serve /healthz. */
const HEALTHY_MS = 900;

/** A kubelet adds this with --cloud-provider=external, a flag that the hollow kubelet lacks. The cloud-controller-manager removes it. */
const UNINITIALIZED = { key: "node.cloudprovider.kubernetes.io/uninitialized", value: "true", effect: "NoSchedule" };

export interface BootOptions {
  readonly clock: Clock;
  readonly machines: Machines;
  readonly clusterName: string;
  /** The folder for logs. */
  readonly directory: string;
  /** The folder for the kubelets' own files. */
  readonly files: string;
  /** Returns the path of a kubeconfig with the identity of this node. */
  kubeconfigOf(nodeName: string): string;
  onFailure(error: unknown): void;
}

export interface RunningMachine {
  /** The start time of its kubelet, in ms of the clock. */
  kubeletSince(): number | undefined;
  /** Resolves when the kubelet is gone. */
  cutPower(): Promise<void>;
}

/** The kubelet settings that user data wrote to the machine's disk, by instance ID. */
export type Disks = Map<string, KubeletSettings>;

export const bootMachine = (machine: Machine, disks: Disks, options: BootOptions): RunningMachine => {
  const { clock, machines, clusterName, onFailure } = options;
  const { instanceId, userData, privateDnsName } = machine;
  const timers = createTimers(clock);
  const health = createHealth(clock, timers);
  let kubelet: Promise<GuardedProcess | undefined> | undefined;
  let since: number | undefined;

  const join = (settings: KubeletSettings): void => {
    if (kubelet || settings.clusterName !== clusterName) return;
    disks.set(instanceId, settings);
    machines.console(instanceId, `kubelet: starting as node ${privateDnsName}, boot ${machine.boot}`);
    since = clock.now();
    const kubeconfig = options.kubeconfigOf(privateDnsName);
    const initialSettings = { ...settings, taints: [UNINITIALIZED, ...settings.taints] };
    kubelet = startKubeletProcess({ ...options, machine, settings: initialSettings, kubeconfig }).catch(
      (error: unknown) => {
        onFailure(error);
        return undefined;
      },
    );
    timers.after(HEALTHY_MS, health.markHealthy);
  };

  const host: ScriptHost = {
    timers,
    images: { ensureImage: (_image, done) => done(true) },
    join,
    awaitKubelet: health.whenHealthy,
    powerOff: () => machines.powerOff(instanceId),
    log: (line) => machines.console(instanceId, line),
    isReady: () => true,
    reportWarmupOutcome: () => {},
  };

  timers.after(BOOT_MS, () => {
    const { scripts, service } = readUserData(userData);
    const settings = service ?? disks.get(instanceId);
    // Scripts in user data run once per instance, not at each boot (cloud-init's scripts-user module).
    if (machine.boot === 1) runScripts(scripts, host, () => service && join(service));
    else if (settings) join(settings);
  });

  return {
    kubeletSince: () => since,
    cutPower: async () => {
      timers.cancelAll();
      const process = await kubelet;
      const failure = process?.failure();
      if (failure) onFailure(failure);
      await process?.stop();
    },
  };
};
