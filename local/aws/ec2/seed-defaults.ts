import type { Parameters } from "../ssm/parameters.ts";
import { seedImages } from "./seed/seed-images.ts";
import { seedNetwork } from "./seed/seed-network.ts";
import type { World } from "./world.ts";

/** Named in the quick start as it stands, though no account id has so few digits. */
const QUICK_START_PROFILE_ARN = "arn:aws:iam::123456789:instance-profile/node-role";

/** Everything the quick start and the guides take for granted: network, images, a role for nodes and its profile. */
export const seedDefaults = (world: World, parameters: Parameters): void => {
  seedNetwork(world);
  seedImages(world, parameters);
  world.profiles.addRole("node-role");
  world.profiles.addProfile("node-role", { arn: QUICK_START_PROFILE_ARN, roleName: "node-role" });
};
