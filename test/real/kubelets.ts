/** A real kubelet on each instance that has power: started and killed as instances boot and stop. */
import { mkdirSync } from "node:fs";
import { bootGuest, type Disks, type Guest, type GuestOptions } from "./guest.ts";

export interface Kubelets {
  /** When the kubelet of a node was started that is still running; in ms of the clock. */
  since(nodeName: string): number | undefined;
  /** Resolves when all are gone. */
  stop(): Promise<void>;
}

export const startKubelets = (options: Omit<GuestOptions, "files">): Kubelets => {
  const { machines, directory } = options;
  // A short name: see `KubeletProcessOptions`.
  const files = `${directory}/k`;
  mkdirSync(files, { recursive: true });
  const disks: Disks = new Map();
  const guests = new Map<string, Guest>();
  const ending = new Set<Promise<void>>();

  const cutPower = (nodeName: string) => {
    const end = guests.get(nodeName)?.cutPower();
    guests.delete(nodeName);
    if (!end) return;
    ending.add(end);
    void end.finally(() => ending.delete(end));
  };

  const unsubscribe = machines.subscribe(({ machine, state }) => {
    const { privateDnsName } = machine;
    if (state === "running") guests.set(privateDnsName, bootGuest(machine, disks, { ...options, files }));
    if (state === "stopping" || state === "shutting-down") cutPower(privateDnsName);
  });

  return {
    since: (nodeName) => guests.get(nodeName)?.kubeletSince(),
    stop: async () => {
      unsubscribe();
      for (const nodeName of [...guests.keys()]) cutPower(nodeName);
      await Promise.all(ending);
    },
  };
};
