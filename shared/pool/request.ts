/** What demand asks a pool to launch because the pool's standby cannot serve it. */
import { allInstances, type PoolView } from "./view.ts";

/** Nodes of one kind. */
export interface RequestedLaunch {
  readonly instanceType: string;
  readonly zone: string;
  readonly count: number;
  /** When the oldest of the pods that they are for became unschedulable, in ms. */
  readonly demandSince: number;
}

/** It is answered once, and only while it is young: demand that is still there asks again. */
export interface LaunchRequest {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly askedAt: number;
  readonly launches: readonly RequestedLaunch[];
  /** How many instances of each launch for demand, by token, demand knew of: what came since is part of the answer already. */
  readonly seen: Readonly<Record<string, number>>;
}

/** Demand looks again every 15 s; what is older than a few of these looks is not what it would ask for now. */
const REQUEST_FOR_MS = 60_000;

/** Counts a pool's instances that were launched for demand, by the token of their launch. */
export const countOverflow = (
  records: readonly { readonly overflow?: unknown; readonly token: string }[],
): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const { overflow, token } of records) if (overflow !== undefined) counts[token] = (counts[token] ?? 0) + 1;
  return counts;
};

const without = (launches: readonly RequestedLaunch[], answered: number): readonly RequestedLaunch[] => {
  let left = answered;
  return launches.flatMap((launch) => {
    const taken = Math.min(left, launch.count);
    left -= taken;
    return launch.count > taken ? [{ ...launch, count: launch.count - taken }] : [];
  });
};

/** What is still to be launched for the pool's request, as far as there are slots for it. */
export const unanswered = (view: PoolView): readonly RequestedLaunch[] => {
  const { request, now, spec } = view;
  if (!request || now - request.askedAt >= REQUEST_FOR_MS) return [];
  const records = allInstances(view).map(({ record }) => record);
  const since = Object.entries(countOverflow(records)).map(([token, count]) => count - (request.seen[token] ?? 0));
  const answered = since.reduce((sum, count) => sum + Math.max(0, count), 0);
  const open = without(request.launches, answered);
  const wanted = open.reduce((sum, { count }) => sum + count, 0);
  return without(open.toReversed(), Math.max(0, wanted - Math.max(0, spec.poolSize - records.length))).toReversed();
};
