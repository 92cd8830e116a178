import type { Cancel, Clock } from "../../clock.ts";
import type { Message } from "./message.ts";

/** The messages of one queue in order of arrival, with a timer for each hidden one. */
export interface MessageStore {
  readonly size: number;
  add(message: Message): void;
  get(id: string): Message | undefined;
  remove(id: string): void;
  /** Hides the message until `visibleAt`. */
  showAt(message: Message, visibleAt: number): void;
  all(): Message[];
  /** Calls the listener whenever a message may have become visible. */
  onVisible(listener: () => void): Cancel;
}

export const createMessageStore = (clock: Clock): MessageStore => {
  const messages = new Map<string, Message>();
  const timers = new Map<string, Cancel>();
  const listeners = new Set<() => void>();

  const notify = () => {
    for (const listener of [...listeners]) listener();
  };

  const cancelTimer = (id: string) => {
    timers.get(id)?.();
    timers.delete(id);
  };

  const showAt = (message: Message, visibleAt: number) => {
    message.visibleAt = visibleAt;
    cancelTimer(message.id);
    const waitMs = visibleAt - clock.now();
    if (waitMs <= 0) return notify();
    timers.set(message.id, clock.after(waitMs, notify));
  };

  return {
    get size() {
      return messages.size;
    },
    add: (message) => {
      messages.set(message.id, message);
      showAt(message, message.visibleAt);
    },
    get: (id) => messages.get(id),
    remove: (id) => {
      messages.delete(id);
      cancelTimer(id);
    },
    showAt,
    all: () => [...messages.values()],
    onVisible: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
};
