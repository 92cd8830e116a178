/**
 * Detects that this process is idle: its event loop turns, no I/O arrives, and no request is outstanding. It counts turns instead of
 * milliseconds, so that a busy machine takes longer to become idle but never looks idle while it is not.
 */

/** Bytes sent over loopback arrive within a turn or two; chains of `setImmediate` take some turns without I/O. */
const QUIET_TURNS = 10;

/** Node's names for thread pool work and for connections being made: they end in I/O, but not within the next turn. */
const OUTSTANDING = /Req|^TCPConnect/;

const hasOutstanding = () => process.getActiveResourcesInfo().some((name) => OUTSTANDING.test(name));

/** Calls `onIdle` once no I/O has arrived for some turns and `activity`, a count of other work, has not changed. */
export const onceQuiet = (activity: () => number, onIdle: () => void): (() => void) => {
  const progress = () => performance.nodeTiming.uvMetricsInfo.events + activity();
  let seen = progress();
  let quietTurns = 0;
  const turn = () => {
    const now = progress();
    quietTurns = now === seen ? quietTurns + 1 : 0;
    seen = now;
    if (quietTurns < QUIET_TURNS || hasOutstanding()) next = setImmediate(turn);
    else onIdle();
  };
  let next = setImmediate(turn);
  return () => clearImmediate(next);
};
