/** How much standby a pool should have, how much it will have, and what it may still launch. */

import { isStartedExternally } from "../model/instance-record.ts";
import { isOnHold } from "../model/kubernetes/objects.ts";
import { openLaunches } from "./open-launch-request.ts";
import { allInstances, type Instance, type PoolView } from "./view.ts";

const notOnHold = ({ node }: Instance): boolean => !isOnHold(node);

/** Standby that may be started. */
export const usableStandby = ({ instances }: PoolView): readonly Instance<"standby">[] =>
  instances.standby.filter(notOnHold);

/** The effective target: `minStandby`, unless instances that run, stop or are on hold leave room in `poolSize` for fewer. */
export const desiredStandby = ({ spec, instances }: PoolView): number => {
  const running = instances.running.filter(({ record }) => !isStartedExternally(record)).length;
  const onHold = instances.standby.length - instances.standby.filter(notOnHold).length;
  return Math.max(0, Math.min(spec.minStandby, spec.poolSize - running - instances.stopping.length - onHold));
};

/** Instances that are standby, or on their way there. What warms up for pending pods does not stay standby. */
export const comingStandbyOf = ({ instances }: PoolView): readonly Instance[] => {
  const { warmup, standby, running, stopping } = instances;
  const warming = warmup.filter(({ record }) => record.overflow === undefined);
  const returning = running.filter(({ record }) => isStartedExternally(record));
  return [...[...standby, ...stopping, ...returning].filter(notOnHold), ...warming];
};

export const comingStandby = (view: PoolView): number => comingStandbyOf(view).length;

/** Slots that are free and that no launch request takes. */
export const unrequestedSlots = (view: PoolView): number => {
  const requested = openLaunches(view).reduce((sum, { count }) => sum + count, 0);
  return view.spec.poolSize - allInstances(view).length - requested;
};
