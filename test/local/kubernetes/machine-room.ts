/** Fake machines that need no EC2: tests change their state directly. They keep their state across stops, like EC2 instances. */
import type { Machine, MachineEvent, Machines } from "../../../local/aws/ec2/machines.ts";

export interface MachineRoom extends Machines {
  launch(overrides?: Partial<Machine>): Machine;
  start(instanceId: string): void;
  /** The instance is stopping, and stays so until `stop`. */
  beginStop(instanceId: string): void;
  stop(instanceId: string): void;
  terminate(instanceId: string): void;
  stateOf(instanceId: string): string | undefined;
  consoleOf(instanceId: string): string;
}

type MachineWithState = Machine & { readonly state: MachineEvent["state"] };

export const createMachineRoom = (): MachineRoom => {
  const machines = new Map<string, MachineWithState>();
  const listeners = new Set<(event: MachineEvent) => void>();
  const consoles = new Map<string, string[]>();

  const transition = (machine: Machine, state: MachineEvent["state"]): void => {
    machines.set(machine.instanceId, { ...machine, state });
    for (const listener of listeners) listener({ machine, state });
  };

  const find = (instanceId: string): MachineWithState => {
    const machine = machines.get(instanceId);
    if (!machine) throw new Error(`no machine ${instanceId}`);
    return machine;
  };

  const stop = (instanceId: string): void => {
    if (find(instanceId).state !== "stopping") transition(find(instanceId), "stopping");
    transition(find(instanceId), "stopped");
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
        roleArn: "arn:aws:iam::123456789012:role/node-role",
        tags: {},
        boot: 1,
        ...overrides,
      };
      transition(machine, "running");
      return machine;
    },
    start: (instanceId) => {
      const machine = find(instanceId);
      transition({ ...machine, boot: machine.boot + 1 }, "running");
    },
    beginStop: (instanceId) => transition(find(instanceId), "stopping"),
    stop,
    terminate: (instanceId) => {
      transition(find(instanceId), "shutting-down");
      transition(find(instanceId), "terminated");
    },
  };
};
