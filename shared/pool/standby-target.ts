/** How much standby a pool should have, how much it will have, and what it may still launch. */

import { isStartedExternally } from "../model/instance-record.ts";
import { openLaunches } from "./open-launch-request.ts";
import { allInstances, type PoolView } from "./view.ts";

/** The effective target: `minStandby`, unless running and stopping instances leave room in `poolSize` for fewer. */
export const desiredStandby = ({ spec, instances }: PoolView): number => {
  const running = instances.running.filter(({ record }) => !isStartedExternally(record)).length;
  return Math.max(0, Math.min(spec.minStandby, spec.poolSize - running - instances.stopping.length));
};

/** Instances that are standby, or on their way there. What warms up for pending pods does not stay standby. */
export const comingStandby = ({ instances: { warmup, standby, running, stopping } }: PoolView): number => {
  const warming = warmup.filter(({ record }) => record.overflow === undefined);
  const returning = running.filter(({ record }) => isStartedExternally(record));
  return standby.length + warming.length + stopping.length + returning.length;
};

/** Slots that are free and that no launch request takes. */
export const unrequestedSlots = (view: PoolView): number => {
  const requested = openLaunches(view).reduce((sum, { count }) => sum + count, 0);
  return view.spec.poolSize - allInstances(view).length - requested;
};
