/** The kubelet simulator: registers its node, reports its status, and runs the pods bound to it until the machine powers off. */

import type { Machine } from "../../aws/ec2/machines.ts";
import type { Clock } from "../../clock.ts";
import type { Store } from "../api-server/store.ts";
import { isNetworkDaemonSet } from "../network/network.ts";
import type { Heartbeats } from "../objects/heartbeats.ts";
import { controllerOf, isFinished, isReady as isPodReady, type PodObject } from "../objects/objects.ts";
import type { PodIndex } from "../objects/pod-index.ts";
import type { RecordEvent } from "../objects/record-event.ts";
import type { KubeletSettings, StaticPod } from "./boot-plan.ts";
import type { Disk } from "./disk.ts";
import type { ImageCache } from "./image-cache.ts";
import { renewLease } from "./node-lease.ts";
import { createNodeReporter } from "./node-reporter.ts";
import { createPodWorker, type PodWorker } from "./pod-worker.ts";
import type { Timers } from "./timers.ts";

/** From registration to Ready: about 0.9 s with the real kubelet. */
const READY_MS = { min: 800, spread: 400 };
/** How long a freshly started kubelet needs to find that a pod's containers are gone. */
const CLEANUP_MS = 200;
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
  /** Without it, the pods of the network plugin and its agents never become Ready. */
  readonly hasNetwork: boolean;
  nextPodAddress(): string;
  /** How long after Ready the device plugin's pod has registered. */
  devicesAfterMs(): number;
}

export interface Kubelet {
  readonly nodeName: string;
  /** Call this when a pod bound to the node was written or, with `isDeleted`, removed. */
  onPod(pod: PodObject, isDeleted: boolean): void;
  reportImages(): void;
  /** The OS shuts down: kubelet starts no more pods and, if it is configured to, ends those that run. */
  shutDown(): void;
  stop(): void;
}

export const startKubelet = (options: KubeletOptions): Kubelet => {
  const { clock, store, pods, heartbeats, machine, disk, timers, random } = options;
  const nodeName = machine.privateDnsName;
  const workers = new Map<string, PodWorker>();
  const startedAt = clock.now();
  let isReady = false;
  let isStopped = false;
  let isShuttingDown = false;

  const node = createNodeReporter(options);

  let hasBooted = false;

  /** Kubelet is Ready once it runs and the network plugin has written its configuration, which stays on the disk. */
  const becomeReady = (): void => {
    if (isReady || isStopped || !hasBooted || !disk.hasNetworkConfig) return;
    isReady = true;
    node.reportReady();
    node.images();
    timers.after(options.devicesAfterMs(), () => {
      if (!isStopped) node.reportDevices();
    });
    for (const pod of options.settings.staticPods ?? []) createMirrorPod(pod);
    for (const pod of pods.onNode(nodeName)) onPod(pod, false);
  };

  const startPod = (pod: PodObject): void => {
    const podIP = pod.spec.hostNetwork ? machine.privateIp : options.nextPodAddress();
    const staysUnready = !options.hasNetwork && isNetworkDaemonSet(controllerOf(pod)?.name);
    const worker = createPodWorker(pod, { ...options, staysUnready, addresses: { hostIP: machine.privateIp, podIP } });
    // Registered before it starts, because its status writes come back to `onPod`.
    workers.set(pod.metadata.uid ?? "", worker);
    worker.start();
  };

  /** Creates a static pod's mirror pod, named after the pod and the node. It tolerates every NoExecute taint. */
  const createMirrorPod = ({ metadata, spec }: StaticPod): void => {
    const name = `${metadata.name}-${nodeName}`;
    if (store.get("pods", name, metadata.namespace)) return;
    const annotations = { "kubernetes.io/config.mirror": machine.instanceId };
    const pod = { metadata: { name, namespace: metadata.namespace, annotations }, spec: { ...spec, nodeName } };
    store.create("pods", { apiVersion: "v1", kind: "Pod", ...pod, status: { phase: "Pending" } });
  };

  /** Removes a pod whose deletion was interrupted by a power-off. It has no containers left to stop. */
  const finishDeletion = ({ metadata }: PodObject): void => {
    const { name, namespace, uid } = metadata;
    timers.after(CLEANUP_MS, () => {
      if (isStopped || store.get("pods", name, namespace)?.metadata.uid !== uid) return;
      store.remove("pods", name, namespace, { gracePeriodSeconds: 0 });
    });
  };

  const noteNetwork = (pod: PodObject): void => {
    if (disk.hasNetworkConfig || !isPodReady(pod) || !isNetworkDaemonSet(controllerOf(pod)?.name)) return;
    disk.hasNetworkConfig = true;
    becomeReady();
  };

  const onPod = (pod: PodObject, isDeleted: boolean): void => {
    const uid = pod.metadata.uid ?? "";
    const known = workers.get(uid);
    if (isStopped) return;
    if (isDeleted) {
      known?.discard();
      workers.delete(uid);
    } else if (pod.metadata.deletionTimestamp) {
      if (known) known.stop(pod);
      else finishDeletion(pod);
    } else if (!known && !isShuttingDown && (isReady || pod.spec.hostNetwork) && !isFinished(pod)) startPod(pod);
    noteNetwork(pod);
  };

  node.register();
  renewLease(store, clock, nodeName);
  heartbeats.start(nodeName, clock.now());
  for (const pod of pods.onNode(nodeName)) onPod(pod, false);
  // Where no DaemonSet brings a network plugin, the image does.
  disk.hasNetworkConfig ||= !store.list("daemonsets.apps").some(({ metadata }) => isNetworkDaemonSet(metadata.name));
  timers.after(READY_MS.min + random() * READY_MS.spread, () => {
    hasBooted = true;
    becomeReady();
  });

  return {
    nodeName,
    onPod,
    reportImages: () => {
      const untilNextList = IMAGE_LIST_MS - ((clock.now() - startedAt) % IMAGE_LIST_MS);
      timers.after(untilNextList, () => {
        if (!isStopped) node.images();
      });
    },
    shutDown: () => {
      isShuttingDown = true;
      if (isStopped || !options.settings.shutsDownGracefully) return;
      node.reportShutdown();
      for (const worker of workers.values()) worker.endWithNode();
    },
    stop: () => {
      if (isStopped) return;
      isStopped = true;
      heartbeats.stop(nodeName, clock.now());
      for (const worker of workers.values()) worker.discard();
    },
  };
};
