/** The kubelet simulator: registers its node, reports its status, and runs the pods bound to it until the machine powers off. */

import type { Machine } from "../../aws/ec2/machines.ts";
import type { Clock } from "../../clock.ts";
import type { Store } from "../api-server/store.ts";
import { isNetworkDaemonSet } from "../network/network.ts";
import type { Heartbeats } from "../objects/heartbeats.ts";
import { controllerOf, type PodObject } from "../objects/objects.ts";
import type { PodIndex } from "../objects/pod-index.ts";
import type { RecordEvent } from "../objects/record-event.ts";
import type { KubeletSettings } from "./boot-plan.ts";
import { createCsiNode, registerDriver } from "./csi-drivers.ts";
import type { Disk } from "./disk.ts";
import type { ImageCache } from "./image-cache.ts";
import { createImageCollector } from "./image-collector.ts";
import { createMachineClock } from "./machine-clock.ts";
import { createMirrorPod } from "./mirror-pod.ts";
import { watchNetworkConfig } from "./network-config.ts";
import { renewLease } from "./node-lease.ts";
import { createNodePods } from "./node-pods.ts";
import { type NodeDelays, pick } from "./node-profile.ts";
import { createNodeReporter } from "./node-reporter.ts";
import { createPodTurns } from "./pod-turns.ts";
import { createPodWorker, type PodWorker } from "./pod-worker.ts";
import { shutDownKubelet } from "./shut-down.ts";
import type { Timers } from "./timers.ts";

/** From registration to Ready: about 0.9 s with the real kubelet. */
const READY_MS = { min: 800, spread: 400 };
/** The kubelet lists the images on its disk this often, and reports that cached list (pkg/kubelet/images, image_gc_manager.go). */
const IMAGE_LIST_MS = 30_000;

export interface KubeletOptions {
  readonly clock: Clock;
  readonly store: Store;
  readonly pods: PodIndex;
  readonly heartbeats: Heartbeats;
  readonly recordEvent: RecordEvent;
  readonly machine: Machine;
  readonly settings: KubeletSettings;
  readonly disk: Disk;
  readonly images: ImageCache;
  /** The machine's timers. They are canceled at power-off. */
  readonly timers: Timers;
  readonly random: () => number;
  readonly delays: NodeDelays;
  /** How far the machine's clock is ahead of the cluster's after a boot. */
  readonly skewMs: (nodeName: string) => number;
  /** Without it, the pods of the network plugin and its agents never become Ready. */
  readonly hasNetwork: boolean;
  /** The DaemonSet of the cluster's network plugin, if one brings it. */
  readonly networkPlugin?: string;
  nextPodAddress(): string;
}

export interface Kubelet {
  readonly nodeName: string;
  /** Call this when a pod bound to the node was written or, with `isDeleted`, removed. */
  onPod(pod: PodObject, isDeleted: boolean): void;
  reportImages(): void;
  /** Call this when the operating system begins to shut down. */
  shutDown(): void;
  stop(): void;
}

export const startKubelet = (options: KubeletOptions): Kubelet => {
  const { clock, store, pods, heartbeats, machine, disk, timers, random, delays, networkPlugin } = options;
  const nodeName = machine.privateDnsName;
  const startedAt = clock.now();
  let isShuttingDown = false;
  let isStopped = false;

  const machineClock = createMachineClock(clock, () => options.skewMs(nodeName));
  const node = createNodeReporter({ ...options, imageDisk: delays.imageDisk, clock: machineClock });

  const later = (delayMs: number, run: () => void): void =>
    void timers.after(delayMs, () => {
      if (!isStopped) run();
    });

  const becomeReady = (): void => {
    if (isShuttingDown) return;
    node.reportReady();
    node.images();
    later(pick(delays.devicePluginMs, random), node.reportDevices);
    for (const pod of options.settings.staticPods ?? []) createMirrorPod(store, machine, pod);
    nodePods.startAll();
    for (const driver of delays.csiDrivers)
      later(pick(driver.registersMs, random), () => registerDriver(store, machine, driver));
  };

  const createWorker = (pod: PodObject): PodWorker => {
    const podIP = pod.spec.hostNetwork ? machine.privateIp : options.nextPodAddress();
    const staysUnready = !options.hasNetwork && isNetworkDaemonSet(controllerOf(pod)?.name);
    const addresses = { hostIP: machine.privateIp, podIP };
    return createPodWorker(pod, { ...options, clock: machineClock, staysUnready, addresses });
  };

  const nodePods = createNodePods({ nodeName, store, pods, timers, turns: createPodTurns(options), createWorker });

  const collector = createImageCollector({ ...options, imageDisk: delays.imageDisk, later, onCollected: node.images });

  const noteNetwork = watchNetworkConfig({ disk, networkPlugin, later, onWritten: becomeReady });

  node.register();
  renewLease(store, machineClock, nodeName);
  createCsiNode(store, nodeName);
  heartbeats.start(nodeName, clock.now());
  later(pick(READY_MS, random), () => {
    if (disk.hasNetworkConfig) becomeReady();
    else nodePods.startHostNetwork();
  });

  const stop = (): void => {
    if (isStopped) return;
    isStopped = true;
    heartbeats.stop(nodeName, clock.now());
    nodePods.stop();
  };

  return {
    nodeName,
    onPod: (pod, isDeleted) => {
      if (!isDeleted) noteNetwork(pod);
      nodePods.onPod(pod, isDeleted);
    },
    stop,
    shutDown: () =>
      shutDownKubelet({
        timers,
        random,
        graceMs: options.settings.shutdownGraceMs ?? 0,
        workers: nodePods.workers,
        onNotice: () => {
          isShuttingDown = true;
          if (isStopped) return;
          nodePods.rejectNew();
          node.reportShutDown();
        },
        onExit: stop,
      }),
    reportImages: () => {
      const untilNextList = IMAGE_LIST_MS - ((clock.now() - startedAt) % IMAGE_LIST_MS);
      later(untilNextList, node.images);
      collector.onPulled();
    },
  };
};
