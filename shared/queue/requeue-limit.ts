/** When a key wakes itself, and how often it may: Lambda's own guard against loops is off for the reconcilers. */

/** Self-wakes sent since `wakesSince`, in ms since the epoch. */
export interface RequeueBudget {
  readonly wakesSince: number;
  readonly wakes: number;
}

/** What a key has recorded about its wakes. */
export interface RecordedRequeues extends RequeueBudget {
  readonly nextWakeAt?: number;
}

/** The wake to record. */
export interface Requeue extends RequeueBudget {
  readonly nextWakeAt: number | undefined;
  /** False if a message for that time is on its way already, or none is wanted. */
  readonly send: boolean;
  /** It wanted to be woken sooner, and has done so too often. */
  readonly refused: boolean;
}

/** A reconciler wakes itself at most once a second, whatever it asks for. */
export const SHORTEST_REQUEUE_MS = 1_000;
const WINDOW_MS = 5 * 60_000;
/** Two minutes of a look each second: a large pool warming up does that, and settles. */
const WAKES_PER_WINDOW = 120;
/** Slow enough to cost nothing, fast enough for a pool that does need it to get on. */
const SLOWED_DOWN_MS = 10_000;

/** Replaces whatever wake was to come. */
export const replaceRequeue = (
  recorded: RecordedRequeues,
  asked: number,
  now: number,
): Requeue & { nextWakeAt: number } => {
  const isNewWindow = now - recorded.wakesSince >= WINDOW_MS;
  const wakes = isNewWindow ? 1 : recorded.wakes + 1;
  const isSlowedDown = wakes > WAKES_PER_WINDOW;
  const soonest = now + (isSlowedDown ? SLOWED_DOWN_MS : SHORTEST_REQUEUE_MS);
  return {
    wakesSince: isNewWindow ? now : recorded.wakesSince,
    wakes,
    nextWakeAt: Math.max(asked, soonest),
    send: true,
    refused: isSlowedDown && asked < soonest,
  };
};

/** The earlier of the wake that is still to come and the one asked for, so that a key has one message under way, not many. */
export const mergeRequeue = (recorded: RecordedRequeues, asked: number | undefined, now: number): Requeue => {
  const { nextWakeAt, wakesSince, wakes } = recorded;
  const coming = nextWakeAt !== undefined && nextWakeAt > now ? nextWakeAt : undefined;
  const wanted = asked === undefined ? undefined : Math.max(asked, now + SHORTEST_REQUEUE_MS);
  if (wanted === undefined || (coming !== undefined && coming <= wanted)) {
    return { nextWakeAt: coming, wakesSince, wakes, send: false, refused: false };
  }
  return replaceRequeue(recorded, wanted, now);
};
