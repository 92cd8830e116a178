/** The kubelet simulator: registers its node, reports its status, and runs the pods bound to it until the machine powers off. */

import type { Machine } from "../../aws/ec2/machines.ts";
import type { Clock } from "../../clock.ts";
import type { Store } from "../api-server/store.ts";
import type { Heartbeats } from "../objects/heartbeats.ts";
import { isFinished, type PodObject } from "../objects/objects.ts";
import type { PodIndex } from "../objects/pod-index.ts";
import type { RecordEvent } from "../objects/record-event.ts";
import type { KubeletSettings, StaticPod } from "./boot-plan.ts";
import type { Disk } from "./disk.ts";
import type { ImageCache } from "./image-cache.ts";
import { renewLease } from "./node-lease.ts";
import { type NodeDelays, pick } from "./node-profile.ts";
import { createNodeReporter } from "./node-reporter.ts";
import { setRejected } from "./pod-status.ts";
import { createPodWorker, type PodWorker } from "./pod-worker.ts";
import { shutDownKubelet } from "./shut-down.ts";
import type { Timers } from "./timers.ts";

/** From registration to Ready (about 0.9 s with the real kubelet), and from there to the node monitoring agent's first report. */
const READY_MS = { min: 800, spread: 400 };
const NETWORK_MS = { min: 1_300, spread: 400 };
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
  readonly delays: NodeDelays;
  readonly hasNetwork: boolean;
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
  const { clock, store, pods, heartbeats, machine, timers, random, delays } = options;
  const nodeName = machine.privateDnsName;
  const workers = new Map<string, PodWorker>();
  const startedAt = clock.now();
  let isReady = false;
  let isShuttingDown = false;
  let isStopped = false;

  const node = createNodeReporter(options);

  const later = (delayMs: number, run: () => void): void =>
    void timers.after(delayMs, () => {
      if (!isStopped) run();
    });

  const becomeReady = (): void => {
    if (isShuttingDown) return;
    isReady = true;
    node.reportReady();
    node.images();
    later(pick(delays.devicePluginMs, random), node.reportDevices);
    for (const pod of options.settings.staticPods ?? []) createMirrorPod(pod);
    for (const pod of pods.onNode(nodeName)) onPod(pod, false);
    if (options.hasNetwork)
      timers.after(NETWORK_MS.min + random() * NETWORK_MS.spread, () => {
        if (!isStopped) node.reportNetworkReady();
      });
  };

  const startPod = (pod: PodObject): void => {
    const podIP = pod.spec.hostNetwork ? machine.privateIp : options.nextPodAddress();
    const worker = createPodWorker(pod, { ...options, addresses: { hostIP: machine.privateIp, podIP } });
    // Registered before it starts, because its status writes come back to `onPod`.
    workers.set(pod.metadata.uid ?? "", worker);
    worker.start();
  };

  const reject = (pod: PodObject): void => {
    const { name, namespace, uid } = pod.metadata;
    const change = (current: PodObject) => (current.metadata.uid === uid ? setRejected(current) : false);
    store.change<PodObject>("pods", name, namespace, change, { status: true });
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
    } else if (!known && isReady && !isFinished(pod)) (isShuttingDown ? reject : startPod)(pod);
  };

  node.register();
  renewLease(store, clock, nodeName);
  heartbeats.start(nodeName, clock.now());
  for (const pod of pods.onNode(nodeName)) if (pod.metadata.deletionTimestamp) finishDeletion(pod);
  later(pick(READY_MS, random), becomeReady);

  const stop = (): void => {
    if (isStopped) return;
    isStopped = true;
    heartbeats.stop(nodeName, clock.now());
    for (const worker of workers.values()) worker.discard();
  };

  return {
    nodeName,
    onPod,
    stop,
    shutDown: () =>
      shutDownKubelet({
        timers,
        random,
        graceMs: options.settings.shutdownGraceMs ?? 0,
        workers: () => [...workers.values()],
        onNotice: () => {
          isShuttingDown = true;
          if (!isStopped) node.reportShutDown();
        },
        onExit: stop,
      }),
    reportImages: () => {
      const untilNextList = IMAGE_LIST_MS - ((clock.now() - startedAt) % IMAGE_LIST_MS);
      later(untilNextList, node.images);
    },
  };
};
