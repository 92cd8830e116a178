/** Boots a guest on each instance that gets power: user data on the first boot, kubelet on every boot. */
import type { Clock } from "../../clock.ts";
import type { Machine, Machines } from "../../ec2/machines.ts";
import type { Store } from "../../kube/store.ts";
import { startKubelet } from "./kubelet.ts";
import { readUserData } from "./user-data.ts";

/** A boot from a warm disk (brevdev/ec2-coldboot-research), and what cloud-init adds the first time. */
const BOOT_MS = 3_000;
const FIRST_BOOT_MS = 8_000;
/** The sandbox image comes with every EKS AMI. */
const IMAGES_OF_AMI = ["registry.k8s.io/pause:3.10"];

export interface GuestOptions {
  readonly clock: Clock;
  readonly store: Store;
  readonly machines: Machines;
  readonly clusterName: string;
  /** 0 to 1, seeded. */
  readonly random: () => number;
}

export const startGuests = ({ clock, store, machines, clusterName, random }: GuestOptions): (() => void) => {
  const running = new Map<string, () => void>();
  const images = new Map<string, Set<string>>();

  const cutPower = (instanceId: string) => {
    running.get(instanceId)?.();
    running.delete(instanceId);
  };

  const boot = (machine: Machine) => {
    const { instanceId } = machine;
    const script = readUserData(machine.userData);
    const disk = images.get(instanceId) ?? new Set(IMAGES_OF_AMI);
    images.set(instanceId, disk);
    let stopKubelet = () => {};
    const isFirst = machine.boot === 1;
    const bootMs = BOOT_MS * (0.9 + random() * 0.3) + (isFirst ? FIRST_BOOT_MS * (1 + random() / 2) : 0);
    const cancels = [
      clock.after(bootMs, () => {
        if (script.cluster !== clusterName) {
          machines.console(instanceId, `kubelet: no cluster ${script.cluster ?? "in the user data"}; not joining`);
        } else {
          stopKubelet = startKubelet({ clock, store, machine, script, images: disk, random });
        }
        // Scripts in user data run once for each instance, not at each boot (cloud-init's scripts-user module).
        if (isFirst && script.powersOffAfterMs !== undefined && script.cluster === clusterName) {
          cancels.push(clock.after(script.powersOffAfterMs + 1_000, () => machines.powerOff(instanceId)));
        }
      }),
    ];
    running.set(instanceId, () => {
      for (const cancel of cancels) cancel();
      stopKubelet();
    });
  };

  const unsubscribe = machines.subscribe(({ machine, state }) => {
    if (state === "running") boot(machine);
    if (state === "stopping" || state === "shutting-down") cutPower(machine.instanceId);
    if (state === "terminated") images.delete(machine.instanceId);
  });
  return () => {
    unsubscribe();
    for (const instanceId of [...running.keys()]) cutPower(instanceId);
  };
};
