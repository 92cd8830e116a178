import type { Cancel, Clock } from "../../clock.ts";
import type { Message } from "./message.ts";

/** Messages of one queue in the order they came, and an alarm for each that is hidden. */
export interface MessageStore {
  readonly size: number;
  add(message: Message): void;
  get(id: string): Message | undefined;
  remove(id: string): void;
  /** Hides the message until then. */
  showAt(message: Message, visibleAt: number): void;
  all(): Message[];
  /** Called whenever a message may have become visible. */
  onVisible(listener: () => void): Cancel;
}

export const createMessageStore = (clock: Clock): MessageStore => {
  const messages = new Map<string, Message>();
  const alarms = new Map<string, Cancel>();
  const listeners = new Set<() => void>();

  const notify = () => {
    for (const listener of [...listeners]) listener();
  };

  const silence = (id: string) => {
    alarms.get(id)?.();
    alarms.delete(id);
  };

  const showAt = (message: Message, visibleAt: number) => {
    message.visibleAt = visibleAt;
    silence(message.id);
    const waitMs = visibleAt - clock.now();
    if (waitMs <= 0) return notify();
    alarms.set(message.id, clock.after(waitMs, notify));
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
      silence(id);
    },
    showAt,
    all: () => [...messages.values()],
    onVisible: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
};
