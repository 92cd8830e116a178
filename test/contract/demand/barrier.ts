/** A point that several tasks reach together: each waits there until all others do, or have ended. */
export interface Barrier {
  /** Resolves once all that have not left wait here, and `act` was called for all of them. */
  wait(): Promise<void>;
  leave(): void;
}

export const createBarrier = (members: number, act: () => Promise<void>): Barrier => {
  let left = 0;
  let waiting: PromiseWithResolvers<void>[] = [];
  const check = (): void => {
    if (waiting.length === 0 || waiting.length < members - left) return;
    const all = waiting;
    waiting = [];
    act().then(
      () => all.forEach(({ resolve }) => void resolve()),
      (error) => all.forEach(({ reject }) => void reject(error)),
    );
  };
  return {
    wait: () => {
      const arrival = Promise.withResolvers<void>();
      waiting.push(arrival);
      check();
      return arrival.promise;
    },
    leave: () => {
      left += 1;
      check();
    },
  };
};
