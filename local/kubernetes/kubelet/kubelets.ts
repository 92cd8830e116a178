/**
 * Boots a simulated machine when an instance starts and shuts it down when the instance stops. A disk lives until its instance
 * terminates.
 */
import type { MachineEvent } from "../../aws/ec2/machines.ts";
import type { PodObject } from "../objects/objects.ts";
import { type BootedMachine, type BootOptions, bootMachine } from "./boot.ts";
import { type Disk, newDisk } from "./disk.ts";
import type { Kubelet } from "./kubelet.ts";

export interface Kubelets {
  killKubelet(nodeName: string): void;
  stop(): void;
}

/** Pod addresses from the upper half of the VPC: 32,000 addresses, then it starts over. */
const createAddresses = (): (() => string) => {
  let count = 0;
  return () => {
    count += 1;
    return `10.0.${128 + ((count >> 8) & 127)}.${count & 255}`;
  };
};

export const startKubelets = (options: Omit<BootOptions, "onKubelet" | "nextPodAddress">): Kubelets => {
  const { machines, store } = options;
  const disks = new Map<string, Disk>();
  const powered = new Map<string, BootedMachine>();
  const kubelets = new Map<string, Kubelet>();
  const onKubelet = (kubelet: Kubelet) => void kubelets.set(kubelet.nodeName, kubelet);
  const boot: BootOptions = { ...options, onKubelet, nextPodAddress: createAddresses() };

  const cutPower = (instanceId: string): void => {
    powered.get(instanceId)?.cutPower();
    powered.delete(instanceId);
  };

  const onMachine = ({ machine, state }: MachineEvent): void => {
    const { instanceId } = machine;
    if (state === "pending") return;
    if (state === "stopping" || state === "shutting-down") powered.get(instanceId)?.shutDown();
    else if (state !== "running") cutPower(instanceId);
    else if (!powered.has(instanceId)) {
      const disk = disks.get(instanceId) ?? newDisk();
      disks.set(instanceId, disk);
      powered.set(instanceId, bootMachine(machine, disk, boot));
    }
    if (state === "terminated") disks.delete(instanceId);
  };

  const stops = [
    machines.subscribe(onMachine),
    store.subscribe("pods", ({ type, object }) => {
      const pod = object as PodObject;
      if (pod.spec.nodeName) kubelets.get(pod.spec.nodeName)?.onPod(pod, type === "DELETED");
    }),
  ];
  for (const machine of machines.list()) if (machine.state === "running") onMachine({ machine, state: "running" });
  return {
    killKubelet: (nodeName) => kubelets.get(nodeName)?.stop(),
    stop: () => {
      for (const stop of stops) stop();
      for (const instanceId of [...powered.keys()]) cutPower(instanceId);
    },
  };
};
