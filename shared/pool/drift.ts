/** Which standby is outdated, and how much of it may be replaced now. */
import { ANNOTATION } from "../model/names.ts";
import { openLaunches } from "./open-launch-request.ts";
import { allInstances, type Instance, type PoolView } from "./view.ts";
import { currentFailures, launchBackoffUntil } from "./warmup-backoff.ts";
import { warmupOutcome } from "./warmup-outcome.ts";

/** Why an instance is in the state of being replaced, as its record has it. */
export const DRIFTED = "Stale";

const warmedAt = ({ record, node }: Instance): number | undefined =>
  record.warmedAt ?? (Date.parse(node?.metadata.annotations?.[ANNOTATION.warmupCompleted] ?? "") || undefined);

/** What was put to work before its warmup was over may have gone without images that its pool requires. */
const lacksImages = (instance: Instance, { spec }: PoolView): boolean =>
  instance.record.overflow === "serve" &&
  instance.node !== undefined &&
  spec.preWarm.imagePullPolicy === "Required" &&
  warmupOutcome(instance, spec).kind !== "succeeded";

/** An instance of which nobody knows what it was made from is not outdated, until it is too old. */
const isDrifted = (instance: Instance, view: PoolView): boolean => {
  const { fingerprint, spec, now } = view;
  const { record } = instance;
  const drifted = record.fingerprint !== undefined && fingerprint !== undefined && record.fingerprint !== fingerprint;
  const { maxAgeMs } = spec.preWarm;
  return drifted || lacksImages(instance, view) || (maxAgeMs > 0 && now - (warmedAt(instance) ?? now) >= maxAgeMs);
};

/** Outdated standby, that which has not been in use for longest first. */
export const driftedStandby = (view: PoolView): readonly Instance<"standby">[] =>
  view.instances.standby
    .filter((instance) => isDrifted(instance, view))
    .toSorted((one, other) => one.record.stateSince - other.record.stateSince);

/** Standby in the order in which it can best be spared: outdated first, then that which nobody has needed for longest. */
export const leastUseful = (view: PoolView): readonly Instance<"standby">[] => {
  const stale = driftedStandby(view);
  const fresh = view.instances.standby.filter((instance) => !stale.includes(instance));
  return [...stale, ...fresh.toSorted((one, other) => one.record.stateSince - other.record.stateSince)];
};

/** Stopped instances that the pool is to have, as far as those in use leave room; one that is being replaced is missing. */
const wantedStandby = ({ spec, instances }: PoolView): number =>
  Math.max(0, Math.min(spec.minStandby, spec.poolSize - instances.running.length));

export interface Refresh {
  /** Outdated instances to be ended now. */
  readonly end: readonly Instance<"standby">[];
  /** Instances to be launched in addition, to take the place of outdated ones. */
  readonly launch: number;
}

const NOTHING: Refresh = { end: [], launch: 0 };

/** Slots that are free and that nobody else has asked for. */
const roomLeft = (view: PoolView): number => {
  const requested = openLaunches(view).reduce((sum, { count }) => sum + count, 0);
  return view.spec.poolSize - allInstances(view).length - requested;
};

/**
 * The next step of replacing outdated standby, as if no pod was waiting. New instances come first where `poolSize` has room for
 * them; only where it has none does standby go below its target, by `maxUnavailable`. Where new instances fail to warm up, the
 * outdated ones are better than none.
 */
export const nextRefresh = (view: PoolView): Refresh => {
  const { maxUnavailable } = view.spec.preWarm.refresh;
  const stale = driftedStandby(view);
  if (view.deleting || view.nodeClass.kind !== "ready" || stale.length === 0) return NOTHING;
  const { standby, stopping, terminating } = view.instances;
  // What warms up for pods that wait will not stay standby.
  const warming = view.instances.warmup.filter(({ record }) => record.overflow === undefined).length;
  const wanted = wantedStandby(view);
  const room = roomLeft(view);
  const coming = standby.length + warming + stopping.length - wanted;
  const launch = coming < 0 ? 0 : Math.max(0, Math.min(maxUnavailable, stale.length, wanted) - coming);
  const floor = room > 0 || warming > 0 ? wanted : wanted - maxUnavailable;
  const ending = terminating.filter(({ record }) => record.reason === DRIFTED).length;
  const end = currentFailures(view) ? 0 : Math.max(0, Math.min(standby.length - floor, maxUnavailable - ending));
  const held = view.now < launchBackoffUntil(view);
  return { end: stale.slice(0, end), launch: held ? 0 : Math.min(launch, Math.max(0, room)) };
};

/** Whether it matters now if pods wait: only then are they listed. */
export const isRefreshDue = (view: PoolView): boolean => {
  const { end, launch } = nextRefresh(view);
  return !view.spec.paused && end.length + launch > 0;
};
