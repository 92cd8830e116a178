import { type ForwarderClock, pause } from "./clock.ts";
import { describeError, type Log } from "./log.ts";

/** The fields of a `coordination.k8s.io/v1` Lease that replicas write. */
export interface LeaseSpec {
  /** Absent or empty while nobody holds the lease. */
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

export interface LeaseObject {
  readonly metadata: { readonly name: string; readonly resourceVersion?: string };
  readonly spec?: LeaseSpec;
}

export interface LeaseApi {
  read(signal: AbortSignal): Promise<LeaseObject>;
  /** Throws if somebody else has written the object since it was read. */
  replace(lease: LeaseObject, signal: AbortSignal): Promise<LeaseObject>;
}

export interface LeaseOptions {
  readonly api: LeaseApi;
  readonly clock: ForwarderClock;
  readonly random: () => number;
  readonly log: Log;
  /** Different for each process, also for two that follow each other in one pod. */
  readonly identity: string;
  onAcquired(): void;
  /** Called once for each `onAcquired`, when the lease is lost or given back. */
  onLost(): void;
}

export interface Lease {
  /** Whether this replica may send. Of all replicas that ask at the same moment, at most one is told that it may. */
  isHeld(): boolean;
  /** When the API server last answered, in ms of the clock. */
  answeredAt(): number;
  /** Gives the lease back, so that another replica need not wait for its end. */
  stop(): Promise<void>;
}

/** A holder that has not renewed its lease for so long is followed. client-go's default. */
const DURATION_MS = 15_000;
/** A holder that cannot renew its lease stops so long before that, that a request which it has just sent to EventBridge (6 s at most) is over. */
const RENEW_DEADLINE_MS = 8_000;
const RETRY_MS = 2_000;
/** Short enough, with the timeout, for another try before the holder's deadline. */
const RETRY_AFTER_FAILURE_MS = 500;
const REQUEST_TIMEOUT_MS = 3_000;

/**
 * Contends for a lease until stopped. As in client-go's leader election, no time in the object is compared with a clock: a lease has ended once this
 * replica has seen it unchanged for `DURATION_MS`. So clocks may show different times, but must not run at very different speeds.
 */
export const contendForLease = (options: LeaseOptions): Lease => {
  const { api, clock, identity, log } = options;
  const stopping = new AbortController();
  let seen: { readonly lease: LeaseObject; readonly version: string; readonly at: number } | undefined;
  /** When the request was sent that last renewed the lease, while this replica holds it. */
  let renewedAt: number | undefined;
  let answeredAt = clock.now();
  let cancelDeadline = () => {};
  let isInDoubt = false;

  const isHeld = () => renewedAt !== undefined && clock.now() - renewedAt < RENEW_DEADLINE_MS;

  const lose = () => {
    cancelDeadline();
    if (renewedAt === undefined) return;
    renewedAt = undefined;
    options.onLost();
  };

  const see = (lease: LeaseObject) => {
    answeredAt = clock.now();
    const version = JSON.stringify([lease.spec?.holderIdentity, lease.spec?.renewTime, lease.spec?.leaseTransitions]);
    if (version !== seen?.version) seen = { lease, version, at: answeredAt };
    else seen = { ...seen, lease };
  };

  const mayTake = (): boolean => {
    const holder = seen?.lease.spec?.holderIdentity;
    return !holder || holder === identity || (seen !== undefined && clock.now() - seen.at >= DURATION_MS);
  };

  const withTimeout = async <T>(request: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const timeout = new AbortController();
    const cancel = clock.after(REQUEST_TIMEOUT_MS, () => timeout.abort(new Error("the API server does not answer")));
    try {
      return await request(timeout.signal);
    } finally {
      cancel();
    }
  };

  const write = async (): Promise<void> => {
    if (!seen) return;
    const sentAt = clock.now();
    const next = { ...seen.lease, spec: renewed(seen.lease.spec ?? {}, identity, sentAt) };
    see(await withTimeout((signal) => api.replace(next, signal)));
    // An answer that came after its own deadline renews nothing.
    if (stopping.signal.aborted || clock.now() - sentAt >= RENEW_DEADLINE_MS) return;
    const isNew = renewedAt === undefined;
    renewedAt = sentAt;
    cancelDeadline();
    cancelDeadline = clock.after(sentAt + RENEW_DEADLINE_MS - clock.now(), lose);
    if (isNew) options.onAcquired();
  };

  /** Returns after how long to try again. */
  const tick = async (): Promise<number> => {
    try {
      if (!isHeld() || isInDoubt) {
        see(await withTimeout(api.read));
        isInDoubt = false;
        if (seen?.lease.spec?.holderIdentity !== identity) lose();
      }
      if (mayTake() && !stopping.signal.aborted) await write();
      return RETRY_MS;
    } catch (error) {
      // Another holder's version, or a renewal whose answer was lost.
      isInDoubt = true;
      log.warn("the lease could not be read or renewed", { error: describeError(error) });
      return RETRY_AFTER_FAILURE_MS;
    }
  };

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const pauseMs = await tick();
      await pause(clock, pauseMs * (0.9 + options.random() * 0.2), stopping.signal);
    }
  };

  const running = run();
  return {
    isHeld,
    answeredAt: () => answeredAt,
    stop: async () => {
      stopping.abort();
      // First nothing is sent any more, then another replica may begin.
      lose();
      await running;
      const { lease } = seen ?? {};
      if (lease?.spec?.holderIdentity !== identity) return;
      const given = { ...lease, spec: { ...lease.spec, holderIdentity: "" } };
      await withTimeout((signal) => api.replace(given, signal)).catch((error: unknown) =>
        log.warn("the lease could not be given back", { error: describeError(error) }),
      );
    },
  };
};

const renewed = (spec: LeaseSpec, identity: string, now: number): LeaseSpec => {
  // Kubernetes' MicroTime.
  const time = new Date(now).toISOString().replace(/Z$/, "000Z");
  const isSame = spec.holderIdentity === identity;
  return {
    holderIdentity: identity,
    leaseDurationSeconds: DURATION_MS / 1000,
    acquireTime: isSame ? (spec.acquireTime ?? time) : time,
    renewTime: time,
    leaseTransitions: (spec.leaseTransitions ?? 0) + (isSame ? 0 : 1),
  };
};
