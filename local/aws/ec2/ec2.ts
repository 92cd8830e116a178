/** A simulated EC2: its query protocol, its instances' lives in the clock's time, its events and its failures. */
import type { CloudService } from "../gateway/service.ts";
import { createCallLog, type LoggedCall } from "./calls.ts";
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
  /** To be filled with images, networks and the like: see `seedDefaults`. */
  readonly world: World;
}

/** Empty at first: without images, networks and profiles. */
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
