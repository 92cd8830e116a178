/** People who start, stop and terminate instances past Stratos. */
import type { NodeObject } from "../../../local/kubernetes/objects/objects.ts";
import type { SimulatedWorld } from "../world.ts";
import type { Actors } from "./actor.ts";

const instanceOf = ({ store }: SimulatedWorld, node: string): string =>
  (store.get<NodeObject>("nodes", node)?.spec.providerID ?? "").split("/").at(-1) ?? "";

export const stopInstance = (world: SimulatedWorld, node: string): void => {
  const id = instanceOf(world, node);
  if (world.ec2.world.instances.get(id)) world.ec2.faults.stop(id);
};

export const onInstances = (world: SimulatedWorld): Actors => {
  const act = (what: "start" | "stop" | "terminate") => ({
    act: (node: string) => {
      const id = instanceOf(world, node);
      if (world.ec2.world.instances.get(id)) world.ec2.faults[what](id);
    },
  });
  return { "start by hand": act("start"), "stop by hand": act("stop"), "terminate by hand": act("terminate") };
};
