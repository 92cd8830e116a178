/** What demand requests a pool to launch because the pool's standby cannot serve it. */
import { countOverflow, type RequestedLaunch } from "../model/launch-request.ts";
import { allInstances, type PoolView } from "./view.ts";

/** Demand reconciles every 15 s; a request older than a few of these reconciles is out of date. */
const REQUEST_FOR_MS = 60_000;

const countOf = (launches: readonly RequestedLaunch[]): number => launches.reduce((sum, { count }) => sum + count, 0);

/** At most `count` nodes, the first ones. */
const atMost = (launches: readonly RequestedLaunch[], count: number): readonly RequestedLaunch[] => {
  let left = count;
  return launches.flatMap((launch) => {
    const kept = Math.min(left, launch.count);
    left -= kept;
    return kept > 0 ? [{ ...launch, count: kept, ...(launch.pods && { pods: launch.pods.slice(0, kept) }) }] : [];
  });
};

/** The first nodes removed. */
const withoutFirst = (launches: readonly RequestedLaunch[], removed: number): readonly RequestedLaunch[] => {
  let left = removed;
  return launches.flatMap((launch) => {
    const taken = Math.min(left, launch.count);
    left -= taken;
    if (launch.count === taken) return [];
    return [{ ...launch, count: launch.count - taken, ...(launch.pods && { pods: launch.pods.slice(taken) }) }];
  });
};

/** At most `max` nodes removed: those for pods that an instance remembers already. */
const withoutAssigned = (
  launches: readonly RequestedLaunch[],
  assigned: ReadonlySet<string>,
  max: number,
): readonly RequestedLaunch[] => {
  let left = max;
  return launches.map((launch): RequestedLaunch => {
    if (!launch.pods) return launch;
    const pods = launch.pods.filter((own) => {
      const isRemoved = left > 0 && own.some((pod) => assigned.has(pod));
      if (isRemoved) left -= 1;
      return !isRemoved;
    });
    return { ...launch, count: launch.count - (launch.pods.length - pods.length), pods };
  });
};

/** The part of the launch request that is not fulfilled yet, as far as there are free slots. */
export const openLaunches = (view: PoolView): readonly RequestedLaunch[] => {
  const { request, now, spec } = view;
  if (!request || now - request.askedAt >= REQUEST_FOR_MS) return [];
  const records = allInstances(view).map(({ record }) => record);
  const since = Object.entries(countOverflow(records)).map(([token, count]) => count - (request.seen[token] ?? 0));
  const answered = since.reduce((sum, count) => sum + Math.max(0, count), 0);
  const assigned = new Set(records.flatMap(({ pods = [] }) => pods));
  const unassigned = withoutAssigned(request.launches, assigned, answered);
  const removed = countOf(request.launches) - countOf(unassigned);
  return atMost(withoutFirst(unassigned, answered - removed), Math.max(0, spec.poolSize - records.length));
};
