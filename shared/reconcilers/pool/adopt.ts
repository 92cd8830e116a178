import type { InstanceRecord, RecordChange } from "../../model/instance-record.ts";
import { TAG } from "../../model/names.ts";
import type { Action } from "../../pool/actions.ts";
import { type Execution, keyOf, unusedSlots } from "./progress.ts";

/** A new record has no fields to remove. */
const definedFields = (set: RecordChange): Partial<InstanceRecord> =>
  Object.fromEntries(Object.entries(set).filter(([, value]) => value !== null && value !== undefined));

/** Gives orphans slots. */
export const adopt = async (
  execution: Execution,
  actions: readonly Extract<Action, { kind: "adopt" }>[],
): Promise<void> => {
  const { ports, view, progress } = execution;
  const slots = unusedSlots(execution, actions.length);
  for (const [index, { orphan, state, since, set }] of actions.entries()) {
    const slot = slots[index];
    if (slot === undefined) return;
    const record = await ports.slots.claim(keyOf(execution), {
      slot,
      state,
      stateSince: since ?? view.now,
      reason: "Adopted",
      token: orphan.clientToken,
      instanceType: orphan.instanceType,
      zone: orphan.zone,
      instanceId: orphan.instanceId,
      fingerprint: orphan.tags[TAG.fingerprint],
      ...definedFields(set),
    });
    if (record) {
      progress.records.set(slot, record);
      progress.moved = true;
    }
  }
};
