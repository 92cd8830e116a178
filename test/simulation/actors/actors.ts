/** Others who act on the cluster and the account while the world is hostile, and what they undo in the end. */
import type { ActorName } from "../features.ts";
import { choose, streamOf } from "../random.ts";
import type { Scenario } from "../scenario.ts";
import { atRandom } from "../times.ts";
import { FOREIGN_NODE, type SimulatedWorld } from "../world.ts";
import { onApiServer } from "./api-server.ts";
import { onClasses } from "./classes.ts";
import { onInstances } from "./instances.ts";
import { onNodes } from "./nodes.ts";
import { onPods } from "./pods.ts";
import { onPools } from "./pools.ts";

const MEAN_MS = 3 * 60_000;

/** Lets the scenario's actors act. Returns what ends that and lets them undo what they did. */
export const startActors = (world: SimulatedWorld, scenario: Scenario): (() => void) => {
  const actors = {
    ...onNodes(world),
    ...onInstances(world),
    ...onPools(world, scenario),
    ...onPods(world, scenario),
    ...onClasses(world, scenario),
    ...onApiServer(world),
  };
  const stops = Object.entries(actors).flatMap(([name, actor]) => {
    const rate = scenario.rates[name as ActorName] ?? 0;
    if (rate === 0) return [];
    const random = streamOf(scenario.seed, `actor ${name}`);
    const stop = atRandom(world.clock, random, MEAN_MS / rate, () => {
      const nodes = world.store.list("nodes").map(({ metadata }) => metadata.name);
      const node = choose(
        random,
        nodes.filter((one) => one !== FOREIGN_NODE),
      );
      world.trace.add("actor", `${name} ${node}`);
      if (node !== undefined) actor.act(node, random);
    });
    return [stop, () => actor.undo?.()];
  });
  return () => {
    for (const stop of stops) stop();
  };
};
