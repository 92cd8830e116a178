/** Whether the cloud-controller-manager is down, as while it is throttled or its leader election fails. */
export interface Outage {
  isDown(): boolean;
  setDown(isDown: boolean): void;
  /** Calls the listener when the outage ends. */
  onEnd(listener: () => void): void;
}

export const createOutage = (): Outage => {
  const listeners: (() => void)[] = [];
  let down = false;
  return {
    isDown: () => down,
    setDown: (isDown) => {
      const ends = down && !isDown;
      down = isDown;
      if (ends) for (const listener of listeners) listener();
    },
    onEnd: (listener) => void listeners.push(listener),
  };
};
