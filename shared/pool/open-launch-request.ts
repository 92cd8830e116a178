/** What demand requests a pool to launch because the pool's standby cannot serve it. */
import { countOverflow, type RequestedLaunch } from "../model/launch-request.ts";
import { allInstances, type PoolView } from "./view.ts";

/** Demand reconciles every 15 s; a request older than a few of these reconciles is out of date. */
const REQUEST_FOR_MS = 60_000;

const without = (launches: readonly RequestedLaunch[], answered: number): readonly RequestedLaunch[] => {
  let left = answered;
  return launches.flatMap((launch) => {
    const taken = Math.min(left, launch.count);
    left -= taken;
    return launch.count > taken ? [{ ...launch, count: launch.count - taken }] : [];
  });
};

/** The part of the launch request that is not fulfilled yet, as far as there are free slots. */
export const openLaunches = (view: PoolView): readonly RequestedLaunch[] => {
  const { request, now, spec } = view;
  if (!request || now - request.askedAt >= REQUEST_FOR_MS) return [];
  const records = allInstances(view).map(({ record }) => record);
  const since = Object.entries(countOverflow(records)).map(([token, count]) => count - (request.seen[token] ?? 0));
  const answered = since.reduce((sum, count) => sum + Math.max(0, count), 0);
  const open = without(request.launches, answered);
  const wanted = open.reduce((sum, { count }) => sum + count, 0);
  return without(open.toReversed(), Math.max(0, wanted - Math.max(0, spec.poolSize - records.length))).toReversed();
};
