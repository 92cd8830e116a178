/** The simulated EC2 in this process: its actions are called directly, without HTTP and XML. */
import { ACTIONS } from "../../local/aws/ec2/actions/actions.ts";
import { createCall } from "../../local/aws/ec2/call.ts";
import { createFaults, type Ec2Faults } from "../../local/aws/ec2/faults.ts";
import { createMachines } from "../../local/aws/ec2/machine-view.ts";
import type { Machines } from "../../local/aws/ec2/machines.ts";
import { seedDefaults } from "../../local/aws/ec2/seed-defaults.ts";
import { createWorld, type Ec2Event, type World } from "../../local/aws/ec2/world.ts";
import { ACCOUNT, CloudError, REGION } from "../../local/aws/gateway/service.ts";
import { createInstanceProfiles } from "../../local/aws/iam/instance-profiles.ts";
import { createParameters, type Parameters } from "../../local/aws/ssm/parameters.ts";
import type { Clock } from "../../local/clock.ts";
import type { Random } from "./random.ts";
import { type Command, EC2_QUERY, nameOf, toOutput, toParams, toSdkError } from "./sdk.ts";

export interface SimulatedEc2 {
  readonly world: World;
  /** AWS's public ones, which say what the newest images are. */
  readonly parameters: Parameters;
  readonly faults: Ec2Faults;
  readonly machines: Machines;
  /** Carries out a command at once; throws what the SDK would throw. */
  execute(command: Command): unknown;
}

export interface SimulatedEc2Options {
  readonly clock: Clock;
  readonly random: Random;
  readonly emit: (event: Ec2Event) => void;
}

export const createSimulatedEc2 = ({ clock, random, emit }: SimulatedEc2Options): SimulatedEc2 => {
  const profiles = createInstanceProfiles({ account: ACCOUNT, now: clock.now });
  const world = createWorld({ clock, random, emit, account: ACCOUNT, region: REGION, profiles });
  const parameters = createParameters(clock.now);
  seedDefaults(world, parameters);
  const faults = createFaults(world);
  const request = {
    method: "POST",
    path: "/",
    query: new URLSearchParams(),
    headers: {},
    body: Buffer.alloc(0),
    principal: { arn: `arn:aws:iam::${ACCOUNT}:root` },
    authorize: () => {},
  };
  return {
    world,
    parameters,
    faults,
    machines: createMachines(world),
    execute: (command) => {
      const name = nameOf(command);
      const action = ACTIONS[name];
      if (!action) throw new Error(`${name} is not simulated`);
      const params = toParams(EC2_QUERY, command.input as object);
      try {
        world.throttle.takeRequest(name, true);
        return toOutput(
          action(
            world,
            createCall(world, params, request, () => {}),
          ),
        );
      } catch (error) {
        throw error instanceof CloudError ? toSdkError(error) : error;
      }
    },
  };
};
