/** A real kubelet per running instance, started and killed as instances boot and stop. */
import { mkdirSync } from "node:fs";
import { type BootOptions, bootMachine, type Disks, type RunningMachine } from "./boot-machine.ts";

export interface Kubelets {
  /** The start time of a node's running kubelet, in ms of the clock. */
  since(nodeName: string): number | undefined;
  /** Resolves when all kubelets are gone. */
  stop(): Promise<void>;
}

export const startKubelets = (options: Omit<BootOptions, "files">): Kubelets => {
  const { machines, directory } = options;
  // A short name; see `KubeletProcessOptions`.
  const files = `${directory}/k`;
  mkdirSync(files, { recursive: true });
  const disks: Disks = new Map();
  const running = new Map<string, RunningMachine>();
  const ending = new Set<Promise<void>>();

  const cutPower = (nodeName: string) => {
    const end = running.get(nodeName)?.cutPower();
    running.delete(nodeName);
    if (!end) return;
    ending.add(end);
    void end.finally(() => ending.delete(end));
  };

  const unsubscribe = machines.subscribe(({ machine, state }) => {
    const { privateDnsName } = machine;
    if (state === "running") running.set(privateDnsName, bootMachine(machine, disks, { ...options, files }));
    if (state === "stopping" || state === "shutting-down") cutPower(privateDnsName);
  });

  return {
    since: (nodeName) => running.get(nodeName)?.kubeletSince(),
    stop: async () => {
      unsubscribe();
      for (const nodeName of [...running.keys()]) cutPower(nodeName);
      await Promise.all(ending);
    },
  };
};
