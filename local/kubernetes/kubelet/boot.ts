import { ANNOTATION } from "../../../shared/model/names.ts";
import type { Machine, Machines } from "../../aws/ec2/machines.ts";
import type { Clock } from "../../clock.ts";
import { forbiddenLabels } from "../api-server/access/kubelet-labels.ts";
import { isReady, type NodeObject } from "../objects/objects.ts";
import type { BootPlan, KubeletSettings } from "./boot-plan.ts";
import type { Disk } from "./disk.ts";
import type { PlannedFaults } from "./faults.ts";
import { createHealth } from "./health.ts";
import { createImageCache } from "./image-cache.ts";
import { type Kubelet, type KubeletOptions, startKubelet } from "./kubelet.ts";
import { readUserData } from "./read-user-data.ts";
import { runScripts } from "./run-script.ts";
import type { ScriptHost } from "./script-host.ts";
import { createTimers } from "./timers.ts";

/** From power-on to services: 3.0 s measured (brevdev/ec2-coldboot-research, 2026). cloud-init adds more on the first boot. */
const BOOT_MS = { min: 2_500, spread: 1_000 };
const FIRST_BOOT_MS = { min: 8_000, spread: 4_000 };
/** From the kubelet's start until /healthz responds. */
const HEALTHY_MS = 500;

/** The longest pause between two attempts to register: pkg/kubelet/kubelet_node_status.go, registerWithAPIServer. */
const REGISTER_RETRY_MS = 7_000;
/** What the API server answers to a role without an access entry (EKS User Guide, "Troubleshoot problems with Amazon EKS clusters and nodes"). */
const UNAUTHORIZED = 'kubelet: "Unable to register node with API server" err="Unauthorized"';

export interface BootOptions
  extends Pick<
    KubeletOptions,
    "store" | "pods" | "heartbeats" | "recordEvent" | "delays" | "networkPlugin" | "nextPodAddress"
  > {
  readonly clock: Clock;
  readonly machines: Machines;
  readonly clusterName: string;
  readonly random: () => number;
  readonly faults: PlannedFaults;
  /** Whether the cluster knows the role as that of nodes. */
  readonly admitsNodes: (roleArn: string | undefined) => boolean;
  readonly onKubelet: (kubelet: Kubelet) => void;
}

/** A machine that is powered on. */
export interface BootedMachine {
  /** The operating system shuts down: no boot goes on, and services end. */
  shutDown(): void;
  cutPower(): void;
}

const bootMs = (isFirst: boolean, random: () => number): number => {
  const usual = BOOT_MS.min + random() * BOOT_MS.spread;
  return isFirst ? usual + FIRST_BOOT_MS.min + random() * FIRST_BOOT_MS.spread : usual;
};

const noSuchCluster = (name: string): string =>
  `An error occurred (ResourceNotFoundException) when calling the DescribeCluster operation: No cluster found for name: ${name}.`;

/** systemd starts the kubelet again and again, with the same result. */
const unknownLabels = (labels: readonly string[]): string =>
  `kubelet: failed to validate kubelet flags: unknown 'kubernetes.io' or 'k8s.io' labels specified with --node-labels: [${labels.join(" ")}]`;

/** The node access of a script, which uses the kubelet's credentials. */
const nodeAccess = (
  store: BootOptions["store"],
  name: string,
): Pick<ScriptHost, "isReady" | "reportWarmupOutcome"> => ({
  isReady: () => {
    const node = store.get<NodeObject>("nodes", name);
    return node !== undefined && isReady(node);
  },
  reportWarmupOutcome: (outcome) =>
    void store.change<NodeObject>("nodes", name, undefined, ({ metadata }) => {
      metadata.annotations = { ...metadata.annotations, [ANNOTATION.warmupOutcome]: outcome };
    }),
});

/** Boots a machine: the user data scripts on the first boot, the kubelet on every boot once it is set up. */
export const bootMachine = (machine: Machine, disk: Disk, options: BootOptions): BootedMachine => {
  const { clock, machines, clusterName, random, faults } = options;
  const timers = createTimers(clock);
  const scriptTimers = createTimers(clock);
  const log = (line: string): void => machines.console(machine.instanceId, line);
  const health = createHealth(clock, scriptTimers);
  let kubelet: Kubelet | undefined;
  let hasJoined = false;

  const images = createImageCache({ disk, timers, faults, random, onPulled: () => kubelet?.reportImages() });

  const register = (settings: KubeletSettings): void => {
    if (!options.admitsNodes(machine.roleArn)) {
      log(UNAUTHORIZED);
      timers.after(REGISTER_RETRY_MS, () => register(settings));
      return;
    }
    const hasNetwork = !faults.consumeWithheldNetwork();
    const { skewMs } = faults;
    kubelet = startKubelet({ ...options, machine, settings, disk, images, timers, hasNetwork, skewMs });
    options.onKubelet(kubelet);
  };

  const join = (settings: KubeletSettings): void => {
    if (hasJoined) return;
    if (settings.clusterName !== clusterName) {
      log(noSuchCluster(settings.clusterName));
      return;
    }
    disk.settings = settings;
    const unknown = forbiddenLabels(Object.keys(settings.labels));
    if (unknown.length > 0) {
      log(unknownLabels(unknown));
      return;
    }
    log(`kubelet: starting as node ${machine.privateDnsName} of cluster ${clusterName}`);
    hasJoined = true;
    register(settings);
    scriptTimers.after(HEALTHY_MS, health.markHealthy);
  };

  const host: ScriptHost = {
    timers: scriptTimers,
    images,
    join,
    awaitKubelet: health.whenHealthy,
    powerOff: () => {
      log("systemd: Powering off.");
      machines.powerOff(machine.instanceId);
    },
    log,
    ...nodeAccess(options.store, machine.privateDnsName),
  };

  const firstBoot = ({ scripts, service }: BootPlan): void => {
    disk.scriptsRan = true;
    log(`cloud-init: ${scripts.length} script(s) in user data, run on this first boot only`);
    // nodeadm-run.service is ordered after cloud-final, so a script that waits for the kubelet in the foreground never ends.
    runScripts(scripts, host, () => {
      if (service) join(service);
      else if (!hasJoined) log("cloud-init: done; nothing in user data joins a cluster");
    });
  };

  const isFirst = !disk.scriptsRan;
  const start = (): void => {
    const plan = readUserData(machine.userData);
    const settings = plan.service ?? disk.settings;
    if (isFirst) firstBoot(plan);
    else if (settings) join(settings);
    else log("boot: no kubelet was ever set up on this instance");
  };
  if (faults.consumeHang()) log("kernel: watchdog: BUG: soft lockup");
  else scriptTimers.after(bootMs(isFirst, random), start);

  return {
    shutDown: () => {
      scriptTimers.cancelAll();
      kubelet?.shutDown();
    },
    cutPower: () => {
      scriptTimers.cancelAll();
      timers.cancelAll();
      kubelet?.stop();
    },
  };
};
