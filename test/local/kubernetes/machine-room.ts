/** Machines without EC2: they change state at once and on demand, and keep what EC2's would keep. */
import type { Machine, MachineEvent, Machines } from "../../../local/aws/ec2/machines.ts";

export interface MachineRoom extends Machines {
  launch(overrides?: Partial<Machine>): Machine;
  start(instanceId: string): void;
  stop(instanceId: string): void;
  terminate(instanceId: string): void;
  stateOf(instanceId: string): string | undefined;
  consoleOf(instanceId: string): string;
}

type Placed = Machine & { readonly state: MachineEvent["state"] };

export const createMachineRoom = (): MachineRoom => {
  const machines = new Map<string, Placed>();
  const listeners = new Set<(event: MachineEvent) => void>();
  const consoles = new Map<string, string[]>();

  const enter = (machine: Machine, state: MachineEvent["state"]): void => {
    machines.set(machine.instanceId, { ...machine, state });
    for (const listener of listeners) listener({ machine, state });
  };

  const find = (instanceId: string): Placed => {
    const machine = machines.get(instanceId);
    if (!machine) throw new Error(`no machine ${instanceId}`);
    return machine;
  };

  const stop = (instanceId: string): void => {
    enter(find(instanceId), "stopping");
    enter(find(instanceId), "stopped");
  };

  return {
    list: () => [...machines.values()],
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    powerOff: stop,
    console: (instanceId, line) => void consoles.set(instanceId, [...(consoles.get(instanceId) ?? []), line]),
    consoleOf: (instanceId) => (consoles.get(instanceId) ?? []).join("\n"),
    stateOf: (instanceId) => machines.get(instanceId)?.state,
    launch: (overrides) => {
      const number = machines.size + 1;
      const machine: Machine = {
        instanceId: `i-${number}`,
        zone: "us-east-1a",
        instanceType: "m5.large",
        architecture: "x86_64",
        vcpus: 2,
        memoryMiB: 8192,
        privateIp: `10.0.0.${number}`,
        privateDnsName: `ip-10-0-0-${number}.ec2.internal`,
        userData: "",
        imageId: "ami-1",
        tags: {},
        boot: 1,
        ...overrides,
      };
      enter(machine, "running");
      return machine;
    },
    start: (instanceId) => {
      const machine = find(instanceId);
      enter({ ...machine, boot: machine.boot + 1 }, "running");
    },
    stop,
    terminate: (instanceId) => {
      enter(find(instanceId), "shutting-down");
      enter(find(instanceId), "terminated");
    },
  };
};
