/** One token bucket per action ("Request throttling for the Amazon EC2 API", Amazon EC2 Developer Guide). */
import { requestLimitExceeded } from "./errors.ts";

interface Bucket {
  readonly size: number;
  readonly perSecond: number;
}

const REQUESTS: Readonly<Record<string, Bucket>> = {
  RunInstances: { size: 5, perSecond: 2 },
  StartInstances: { size: 5, perSecond: 2 },
  TerminateInstances: { size: 100, perSecond: 5 },
  CreateTags: { size: 100, perSecond: 10 },
  DeleteTags: { size: 100, perSecond: 10 },
};
const READ: Bucket = { size: 100, perSecond: 20 };
const UNBOUNDED_READ: Bucket = { size: 50, perSecond: 10 };
const OTHER: Bucket = { size: 50, perSecond: 5 };

const INSTANCES: Readonly<Record<string, Bucket>> = {
  RunInstances: { size: 1000, perSecond: 2 },
  StartInstances: { size: 1000, perSecond: 2 },
  StopInstances: { size: 1000, perSecond: 20 },
  TerminateInstances: { size: 1000, perSecond: 20 },
};

export interface Throttle {
  enable(enabled: boolean): void;
  /** How many calls of the action others make per second; they take from the same buckets. */
  setOthers(action: string, ratePerSecond: number): void;
  /** Throws RequestLimitExceeded if the bucket is empty. `bounded` is true for a read with filters, ids or a page size. */
  takeRequest(action: string, bounded: boolean): void;
  takeInstances(action: string, count: number): void;
}

const bucketFor = (action: string, bounded: boolean): [key: string, Bucket] => {
  if (!/^(Describe|Get)/.test(action)) return [action, REQUESTS[action] ?? OTHER];
  return bounded ? [action, READ] : [`${action} unbounded`, UNBOUNDED_READ];
};

/** `random` returns values in [0, 1). */
export const createThrottle = ({ now }: { now(): number }, random: () => number): Throttle => {
  const levels = new Map<string, { tokens: number; at: number }>();
  const othersPerSecond = new Map<string, number>();
  let isEnabled = true;

  /** Refills the bucket and lets the others take from it; in an empty one each token goes to whoever asks first. */
  const take = (key: string, { size, perSecond }: Bucket, count: number, others = 0) => {
    if (!isEnabled) return;
    const level = levels.get(key) ?? { tokens: size, at: now() };
    const gained = ((now() - level.at) / 1000) * (perSecond - others);
    const tokens = Math.min(size, Math.max(0, level.tokens + gained));
    const suffices = tokens >= count;
    const wins = !suffices && others > 0 && random() < perSecond / (perSecond + others);
    levels.set(key, { tokens: suffices ? tokens - count : tokens, at: now() });
    if (!suffices && !wins) throw requestLimitExceeded();
  };

  return {
    enable: (enabled) => {
      isEnabled = enabled;
      levels.clear();
    },
    setOthers: (action, ratePerSecond) => void othersPerSecond.set(action, ratePerSecond),
    takeRequest: (action, bounded) => take(...bucketFor(action, bounded), 1, othersPerSecond.get(action)),
    takeInstances: (action, count) => {
      const bucket = INSTANCES[action];
      if (bucket) take(`${action} instances`, bucket, count);
    },
  };
};
