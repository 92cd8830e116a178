/**
 * Tells when this process has come to rest: its event loop turns, no I/O comes in, and nothing is under way. It counts turns
 * and not milliseconds, so that a busy machine takes longer to come to rest but never seems to be at rest while it is not.
 */
import type { Cancel } from "./clock.ts";

/** What was sent over loopback comes in by the next turn or the one after; chains of `setImmediate` take some turns without I/O. */
const QUIET_TURNS = 10;

/** Node's names for what the thread pool does and for connections being made: they end in I/O, but not by the next turn. */
const UNDER_WAY = /Req|^TCPConnect/;

const isUnderWay = () => process.getActiveResourcesInfo().some((name) => UNDER_WAY.test(name));

/** Runs `rest` once nothing has come in for some turns and `activity`, a count of what else happens, has stood still. */
export const onceQuiet = (activity: () => number, rest: () => void): Cancel => {
  const happened = () => performance.nodeTiming.uvMetricsInfo.events + activity();
  let seen = happened();
  let quietTurns = 0;
  const turn = () => {
    const now = happened();
    quietTurns = now === seen ? quietTurns + 1 : 0;
    seen = now;
    if (quietTurns < QUIET_TURNS || isUnderWay()) next = setImmediate(turn);
    else rest();
  };
  let next = setImmediate(turn);
  return () => clearImmediate(next);
};
