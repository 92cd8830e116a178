import type { Parameters } from "../ssm/parameters.ts";
import { seedImages } from "./seed/seed-images.ts";
import { seedNetwork } from "./seed/seed-network.ts";
import type { World } from "./world.ts";

/** The ARN in the quick start, although a real account id has more digits. */
const QUICK_START_PROFILE_ARN = "arn:aws:iam::123456789:instance-profile/node-role";

/** Adds everything that the quick start and the guides assume: the network, images, and the node role with its profile. */
export const seedDefaults = (world: World, parameters: Parameters): void => {
  seedNetwork(world);
  seedImages(world, parameters);
  world.profiles.addRole("node-role");
  world.profiles.addProfile("node-role", { arn: QUICK_START_PROFILE_ARN, roleName: "node-role" });
};
