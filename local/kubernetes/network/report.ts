import type { Clock } from "../../clock.ts";
import { timestamp } from "../api-server/create-store.ts";
import type { Store } from "../api-server/store.ts";
import { setCondition } from "../objects/conditions.ts";
import type { Condition, NodeObject } from "../objects/objects.ts";

export interface NetworkOptions {
  readonly clock: Clock;
  readonly store: Store;
}

/** Writes the condition with both times new, as network plugins and agents do, which patch it without reading it. */
export const report = ({ clock, store }: NetworkOptions, nodeName: string, condition: Condition): void => {
  const now = timestamp(clock.now());
  store.change<NodeObject>(
    "nodes",
    nodeName,
    undefined,
    ({ status }) =>
      setCondition(status, { ...condition, lastTransitionTime: now, lastHeartbeatTime: now }, clock.now()),
    { status: true },
  );
};
