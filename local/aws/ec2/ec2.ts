/** A simulated EC2: the query protocol, instance lifecycles in the clock's time, events and injected faults. */
import type { CloudService } from "../gateway/service.ts";
import { createCallLog, type LoggedCall } from "./call-log.ts";
import { createFaults, type Ec2Faults } from "./faults.ts";
import { createMachines } from "./machine-view.ts";
import type { Machines } from "./machines.ts";
import { createService } from "./service.ts";
import { createWorld, type Ec2Options, type World } from "./world.ts";

export interface Ec2 {
  readonly service: CloudService;
  readonly machines: Machines;
  readonly faults: Ec2Faults;
  /** Every call so far, oldest first. */
  calls(): readonly LoggedCall[];
  /** The state, to which callers add images, networks and so on: see `seedDefaults`. */
  readonly world: World;
}

/** Starts empty: without images, networks and profiles. */
export const createEc2 = (options: Ec2Options): Ec2 => {
  const world = createWorld(options);
  const faults = createFaults(world);
  const calls = createCallLog();
  return {
    service: createService(world, faults, calls),
    machines: createMachines(world),
    faults,
    calls: calls.list,
    world,
  };
};
