/** What kubelet, and the node monitoring agent beside it, write to their node. */

import type { Machine } from "../../aws/ec2/machines.ts";
import type { Clock } from "../../clock.ts";
import { timestamp } from "../api-server/create-store.ts";
import type { Store } from "../api-server/store.ts";
import { setCondition } from "../conditions.ts";
import type { Condition, NodeObject } from "../objects.ts";
import type { RecordEvent } from "../record-event.ts";
import type { KubeletSettings } from "./boot-plan.ts";
import type { Disk } from "./disk.ts";
import { bootStatus, newNode } from "./node-object.ts";

/** As many images as kubelet reports (nodeStatusMaxImages), and a size for those of which none is known. */
const MOST_IMAGES = 50;
const IMAGE_BYTES = 100_000_000;

const NOT_READY: Condition = {
  type: "Ready",
  status: "False",
  reason: "KubeletNotReady",
  message: "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady",
};
const READY: Condition = {
  type: "Ready",
  status: "True",
  reason: "KubeletReady",
  message: "kubelet is posting ready status",
};
const PRESSURES: readonly Condition[] = [
  { type: "MemoryPressure", status: "False", reason: "KubeletHasSufficientMemory" },
  { type: "DiskPressure", status: "False", reason: "KubeletHasNoDiskPressure" },
  { type: "PIDPressure", status: "False", reason: "KubeletHasSufficientPID" },
];
const NETWORK: Condition = {
  type: "NetworkingReady",
  status: "True",
  reason: "NetworkingIsReady",
  message: "Monitoring for the Networking system is active",
};

export interface NodeReporterOptions {
  readonly clock: Clock;
  readonly store: Store;
  readonly recordEvent: RecordEvent;
  readonly machine: Machine;
  readonly settings: KubeletSettings;
  readonly disk: Disk;
}

export interface NodeReporter {
  register(): void;
  ready(): void;
  network(): void;
  images(): void;
}

export const createNodeReporter = (options: NodeReporterOptions): NodeReporter => {
  const { clock, store, recordEvent, machine, settings, disk } = options;
  const name = machine.privateDnsName;

  /** A node that was deleted meanwhile stays so: kubelet registers only when it starts. */
  const report = (change: (status: NodeObject["status"]) => void): void =>
    void store.change<NodeObject>("nodes", name, undefined, ({ status }) => change(status), { status: true });

  const say = (reason: string, message: string): void => {
    const node = store.get("nodes", name);
    if (node) recordEvent(node, { type: "Normal", reason, message, component: "kubelet" });
  };

  const beat = (): { lastHeartbeatTime: string } => ({ lastHeartbeatTime: timestamp(clock.now()) });

  return {
    // On a node object that exists neither labels nor taints are applied again: kubelet does so only when it registers a new one.
    register: () => {
      if (!store.get("nodes", name)) store.create("nodes", newNode(machine, settings));
      report((status) => {
        Object.assign(status, bootStatus(machine, settings));
        for (const condition of [...PRESSURES, NOT_READY])
          setCondition(status, { ...condition, ...beat() }, clock.now());
      });
      say("Starting", "Starting kubelet.");
    },
    ready: () => {
      report((status) => setCondition(status, { ...READY, ...beat() }, clock.now()));
      say("NodeReady", `Node ${name} status is now: NodeReady`);
    },
    // The agent reports anew after each boot; until then the node shows what it said before the last stop.
    network: () =>
      report((status) => {
        setCondition(status, { ...NETWORK, lastTransitionTime: timestamp(clock.now()), ...beat() }, clock.now());
      }),
    images: () =>
      report((status) => {
        const latest = [...disk.images].slice(-MOST_IMAGES);
        status.images = latest.map((image) => ({ names: [image], sizeBytes: IMAGE_BYTES }));
      }),
  };
};
