import type { MachineEvent, Machines } from "../../aws/ec2/machines.ts";
import type { Clock } from "../../clock.ts";
import { type Delay, pick } from "../kubelet/node-profile.ts";
import { createTimers } from "../kubelet/timers.ts";

export interface LaggingStates {
  /** The state that a describe shows of the instance; undefined if it does not show the instance. */
  stateOf(instanceId: string): MachineEvent["state"] | undefined;
  stop(): void;
}

export interface LaggingStatesOptions {
  readonly clock: Clock;
  readonly machines: Machines;
  readonly lagMs: Delay;
  readonly random: () => number;
  /** Called when a change becomes visible. */
  readonly onChange: () => void;
}

/** Shows each change of an instance late, but an instance's changes in order. */
export const createLaggingStates = (options: LaggingStatesOptions): LaggingStates => {
  const { clock, machines, lagMs, random, onChange } = options;
  const timers = createTimers(clock);
  const shown = new Map(machines.list().map(({ instanceId, state }) => [instanceId, state]));
  const visibleAt = new Map<string, number>();
  const unsubscribe = machines.subscribe(({ machine: { instanceId }, state }) => {
    const at = Math.max(visibleAt.get(instanceId) ?? 0, clock.now() + pick(lagMs, random));
    visibleAt.set(instanceId, at);
    timers.after(at - clock.now(), () => {
      shown.set(instanceId, state);
      onChange();
    });
  });
  return {
    stateOf: (instanceId) => shown.get(instanceId),
    stop: () => {
      unsubscribe();
      timers.cancelAll();
    },
  };
};
