import { type Action, emitEvent } from "./actions.ts";
import type { Instance } from "./view.ts";

/** EC2 may take minutes to stop an instance; one that takes longer hangs, like a guest that ignores its power button. */
const FORCE_AFTER_MS = 10 * 60_000;

/**
 * Waits for an instance that has been stopping since then, and forces it to stop when it hangs. Source: "Troubleshoot Amazon EC2 instance stop issues",
 * Amazon EC2 User Guide.
 */
export const awaitStop = (instance: Instance, since: number, now: number): Action[] => {
  const { record } = instance;
  const due = (record.stopForcedAt ?? since) + FORCE_AFTER_MS;
  // EC2's event about the stop wakes the pool.
  if (now < due) return [{ kind: "requeueAt", at: due }];
  const slow = `${record.instanceId} has not stopped within ${FORCE_AFTER_MS / 60_000} min; forcing it`;
  return [
    { kind: "updateRecord", instance, set: { stopForcedAt: now } },
    { kind: "stop", instance, force: true },
    emitEvent("Warning", "StopForced", slow, instance),
    { kind: "requeueAt", at: now + FORCE_AFTER_MS },
  ];
};
