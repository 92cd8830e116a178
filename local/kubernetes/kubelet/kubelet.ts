/** A virtual kubelet: registers its node, reports on it, and runs the pods bound to it for as long as the power is on. */

import type { Machine } from "../../aws/ec2/machines.ts";
import type { Clock } from "../../clock.ts";
import type { Store } from "../api-server/store.ts";
import type { Heartbeats } from "../heartbeats.ts";
import { isFinished, type PodObject } from "../objects.ts";
import type { PodIndex } from "../pod-index.ts";
import type { RecordEvent } from "../record-event.ts";
import type { KubeletSettings, StaticPod } from "./boot-plan.ts";
import type { Disk } from "./disk.ts";
import type { ImageCache } from "./image-cache.ts";
import { renewLease } from "./node-lease.ts";
import { createNodeReporter } from "./node-reporter.ts";
import { createPodRun, type PodRun } from "./pod-run.ts";
import type { Timers } from "./timers.ts";

/** Registration to Ready, with the real kubelet about 0.9 s; then the node monitoring agent takes its time. */
const READY_MS = { least: 800, spread: 400 };
const NETWORK_MS = { least: 1_300, spread: 400 };
/** What a kubelet that was just started needs to find that a pod's containers are no more. */
const CLEANUP_MS = 200;
/** Kubelet lists the images on its disk this often and reports that list, however old it is (pkg/kubelet/images, image_gc_manager.go). */
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
  /** Of the machine; they end when its power does. */
  readonly timers: Timers;
  readonly random: () => number;
  readonly hasNetwork: boolean;
  nextPodAddress(): string;
}

export interface Kubelet {
  readonly nodeName: string;
  /** A pod bound to the node was written or, `isGone`, removed. */
  see(pod: PodObject, isGone: boolean): void;
  reportImages(): void;
  stop(): void;
}

export const startKubelet = (options: KubeletOptions): Kubelet => {
  const { clock, store, pods, heartbeats, machine, timers, random } = options;
  const nodeName = machine.privateDnsName;
  const runs = new Map<string, PodRun>();
  const startedAt = clock.now();
  let isReady = false;
  let isStopped = false;

  const node = createNodeReporter(options);

  const becomeReady = (): void => {
    isReady = true;
    node.ready();
    node.images();
    for (const pod of options.settings.staticPods ?? []) mirror(pod);
    for (const pod of pods.onNode(nodeName)) see(pod, false);
    if (options.hasNetwork)
      timers.after(NETWORK_MS.least + random() * NETWORK_MS.spread, () => {
        if (!isStopped) node.network();
      });
  };

  const run = (pod: PodObject): void => {
    const podIP = pod.spec.hostNetwork ? machine.privateIp : options.nextPodAddress();
    const started = createPodRun(pod, { ...options, place: { hostIP: machine.privateIp, podIP } });
    // Known before it starts: what it then writes comes back here as news of the pod.
    runs.set(pod.metadata.uid ?? "", started);
    started.start();
  };

  /** A static pod shows in the API as its mirror, under the node's name; it tolerates every NoExecute taint. */
  const mirror = ({ metadata, spec }: StaticPod): void => {
    const name = `${metadata.name}-${nodeName}`;
    if (store.get("pods", name, metadata.namespace)) return;
    const annotations = { "kubernetes.io/config.mirror": machine.instanceId };
    const pod = { metadata: { name, namespace: metadata.namespace, annotations }, spec: { ...spec, nodeName } };
    store.create("pods", { apiVersion: "v1", kind: "Pod", ...pod, status: { phase: "Pending" } });
  };

  /** A pod that was to go when the power went has nothing left to stop. */
  const letGo = ({ metadata }: PodObject): void => {
    const { name, namespace, uid } = metadata;
    timers.after(CLEANUP_MS, () => {
      if (isStopped || store.get("pods", name, namespace)?.metadata.uid !== uid) return;
      store.remove("pods", name, namespace, { gracePeriodSeconds: 0 });
    });
  };

  const see = (pod: PodObject, isGone: boolean): void => {
    const uid = pod.metadata.uid ?? "";
    const known = runs.get(uid);
    if (isStopped) return;
    if (isGone) {
      known?.abandon();
      runs.delete(uid);
    } else if (pod.metadata.deletionTimestamp) {
      if (known) known.stop(pod);
      else letGo(pod);
    } else if (!known && isReady && !isFinished(pod)) run(pod);
  };

  node.register();
  renewLease(store, clock, nodeName);
  heartbeats.start(nodeName, clock.now());
  for (const pod of pods.onNode(nodeName)) if (pod.metadata.deletionTimestamp) letGo(pod);
  timers.after(READY_MS.least + random() * READY_MS.spread, () => {
    if (!isStopped) becomeReady();
  });

  return {
    nodeName,
    see,
    reportImages: () => {
      const untilNextList = IMAGE_LIST_MS - ((clock.now() - startedAt) % IMAGE_LIST_MS);
      timers.after(untilNextList, () => {
        if (!isStopped) node.images();
      });
    },
    stop: () => {
      if (isStopped) return;
      isStopped = true;
      heartbeats.stop(nodeName, clock.now());
      for (const each of runs.values()) each.abandon();
    },
  };
};
