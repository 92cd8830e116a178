/** The writes of the kubelet to its node. */

import type { Machine } from "../../aws/ec2/machines.ts";
import type { Clock } from "../../clock.ts";
import { timestamp } from "../api-server/create-store.ts";
import type { Store } from "../api-server/store.ts";
import { setCondition } from "../objects/conditions.ts";
import type { Condition, NodeObject, ResourceList } from "../objects/objects.ts";
import type { RecordEvent } from "../objects/record-event.ts";
import type { KubeletSettings } from "./boot-plan.ts";
import { devicesOf } from "./capacity.ts";
import type { Disk } from "./disk.ts";
import { reportedNames } from "./image-name.ts";
import { bootStatus, newNode } from "./node-object.ts";
import type { ImageDisk } from "./node-profile.ts";

/** The kubelet reports at most this many images (nodeStatusMaxImages). Without an image disk, all images report the same size. */
const MAX_IMAGES = 50;
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
/** Source: kubernetes, pkg/kubelet/nodestatus, ReadyCondition. */
const SHUTTING_DOWN: Condition = { ...NOT_READY, message: "node is shutting down" };
const PRESSURES: readonly Condition[] = [
  { type: "MemoryPressure", status: "False", reason: "KubeletHasSufficientMemory" },
  { type: "DiskPressure", status: "False", reason: "KubeletHasNoDiskPressure" },
  { type: "PIDPressure", status: "False", reason: "KubeletHasSufficientPID" },
];

const diskCapacity = ({ diskBytes }: ImageDisk): ResourceList => ({
  "ephemeral-storage": `${Math.floor(diskBytes / 1024)}Ki`,
});

export interface NodeReporterOptions {
  readonly clock: Pick<Clock, "now">;
  readonly store: Store;
  readonly recordEvent: RecordEvent;
  readonly machine: Machine;
  readonly settings: KubeletSettings;
  readonly disk: Disk;
  readonly imageDisk: ImageDisk | undefined;
}

export interface NodeReporter {
  register(): void;
  reportReady(): void;
  /** The device plugin has registered the machine's devices. */
  reportDevices(): void;
  /** The kubelet has learned that the machine shuts down. */
  reportShutDown(): void;
  images(): void;
}

export const createNodeReporter = (options: NodeReporterOptions): NodeReporter => {
  const { clock, store, recordEvent, machine, settings, disk, imageDisk } = options;
  const name = machine.privateDnsName;

  /** Does not recreate a deleted node: the kubelet registers only when it starts. */
  const report = (change: (status: NodeObject["status"]) => void): void =>
    void store.change<NodeObject>("nodes", name, undefined, ({ status }) => change(status), { status: true });

  const emitEvent = (reason: string, message: string): void => {
    const node = store.get("nodes", name);
    if (node) recordEvent(node, { type: "Normal", reason, message, component: "kubelet" });
  };

  const setDevices = ({ capacity = {}, allocatable = {} }: NodeObject["status"], devices: ResourceList): void => {
    Object.assign(capacity, devices);
    Object.assign(allocatable, devices);
  };

  /**
   * A kubelet that finds a checkpoint reports 0 of each device until the plugin registers again, without one no such resource. Source:
   * kubernetes, devicemanager readCheckpoint and GetCapacity; kubernetes/kubernetes#64784, #77699.
   */
  const devicesAtBoot = (): ResourceList =>
    disk.hasDeviceCheckpoint ? Object.fromEntries(Object.keys(devicesOf(machine)).map((name) => [name, "0"])) : {};

  const heartbeat = (): { lastHeartbeatTime: string } => ({ lastHeartbeatTime: timestamp(clock.now()) });

  return {
    // The kubelet applies its labels and taints only when it creates the node object, not to an existing one.
    register: () => {
      if (!store.get("nodes", name)) store.create("nodes", newNode(machine, settings));
      report((status) => {
        Object.assign(status, bootStatus(machine, settings));
        if (imageDisk) Object.assign(status.capacity ?? {}, diskCapacity(imageDisk));
        setDevices(status, devicesAtBoot());
        for (const condition of [...PRESSURES, NOT_READY])
          setCondition(status, { ...condition, ...heartbeat() }, clock.now());
      });
      emitEvent("Starting", "Starting kubelet.");
    },
    reportReady: () => {
      report((status) => setCondition(status, { ...READY, ...heartbeat() }, clock.now()));
      emitEvent("NodeReady", `Node ${name} status is now: NodeReady`);
    },
    reportDevices: () => {
      if (Object.keys(devicesOf(machine)).length === 0) return;
      disk.hasDeviceCheckpoint = true;
      report((status) => setDevices(status, devicesOf(machine)));
    },
    reportShutDown: () => {
      report((status) => setCondition(status, { ...SHUTTING_DOWN, ...heartbeat() }, clock.now()));
      emitEvent("NodeNotReady", `Node ${name} status is now: NodeNotReady`);
    },
    images: () =>
      report((status) => {
        const latest = [...disk.images].slice(-MAX_IMAGES);
        status.images = latest.map((image) => ({
          names: reportedNames(image),
          sizeBytes: imageDisk?.imageBytes(image) ?? IMAGE_BYTES,
        }));
      }),
  };
};
