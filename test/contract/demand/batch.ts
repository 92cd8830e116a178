/** Plays on several clusters at once: they share the scheduler, and wait for it together. */

import { createBarrier } from "./barrier.ts";
import { type Cluster, createCluster } from "./cluster.ts";
import { clientIn, type Place, placeAt } from "./place.ts";
import type { Scenario } from "./scenario.ts";
import type { SchedulerStage } from "./scheduler-stage.ts";

export interface Play<T> {
  scenarioAt(place: Place): Scenario;
  run(cluster: Cluster): Promise<T>;
}

/** The outcome of each play, in order. Clears the stage afterwards. */
export const playTogether = async <T>(
  stage: SchedulerStage,
  plays: readonly Play<T>[],
): Promise<readonly PromiseSettledResult<T>[]> => {
  const barrier = createBarrier(plays.length, stage.settle);
  const places = plays.map((_, index) => placeAt(index + 1));
  await stage.prepare(places);
  const outcomes = await Promise.allSettled(
    plays.map(async ({ scenarioAt, run }, index) => {
      const place = places[index] ?? placeAt(index + 1);
      try {
        return await run(createCluster(clientIn(stage.kube, place), scenarioAt(place), barrier.wait));
      } finally {
        barrier.leave();
      }
    }),
  );
  await stage.clear(places);
  return outcomes;
};
