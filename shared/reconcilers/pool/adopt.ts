import { TAG } from "../../names.ts";
import type { Action } from "../../pool/actions.ts";
import { freeSlots, keyOf } from "./free-slots.ts";
import type { Execution } from "./progress.ts";

/** Puts instances that no record names into free slots. */
export const adopt = async (
  execution: Execution,
  actions: readonly Extract<Action, { kind: "adopt" }>[],
): Promise<void> => {
  const { ports, view, progress } = execution;
  const slots = freeSlots(execution);
  for (const [index, { stray, state }] of actions.entries()) {
    const slot = slots[index];
    if (slot === undefined) return;
    const record = await ports.slots.claim(keyOf(execution), {
      slot,
      state,
      stateSince: view.now,
      reason: "Adopted",
      token: stray.clientToken,
      instanceType: stray.instanceType,
      zone: stray.zone,
      instanceId: stray.instanceId,
      fingerprint: stray.tags[TAG.fingerprint],
      ...(stray.state === "stopped" && { launchTime: stray.launchTime }),
    });
    if (record) {
      progress.records.set(slot, record);
      progress.moved = true;
    }
  }
};
