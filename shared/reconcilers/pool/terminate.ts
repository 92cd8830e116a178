/** Terminates instances. One that EC2 refuses to terminate holds back no other; it is recorded, reported and tried again later. */

import { terminateBatch } from "../../aws/terminate-batch.ts";
import { type Action, emitEvent } from "../../pool/actions.ts";
import type { Instance } from "../../pool/view.ts";
import { currentRecord, drop, type Execution, report, writeRecord } from "./progress.ts";

type Terminate = Extract<Action, { kind: "terminate" }>;

const cleanupFailed = (instanceId: string, message: string): Action =>
  emitEvent("Warning", "CleanupFailed", `${instanceId} cannot be terminated: ${message}`);

const recordRefusal = async (execution: Execution, instance: Instance, message: string) => {
  const { refusal } = currentRecord(execution, instance);
  const count = (refusal?.count ?? 0) + 1;
  await writeRecord(execution, instance, { set: { refusal: { count, at: execution.view.now, message } } });
};

/** Never throws; what failed is in `execution.progress`. */
export const terminate = async (execution: Execution, actions: readonly Terminate[]): Promise<void> => {
  const { ports, progress } = execution;
  const instances = new Map<string, Instance>();
  for (const { instance } of actions) {
    const { instanceId, slot } = instance.record;
    if (instanceId !== undefined && !progress.dropped.has(slot)) instances.set(instanceId, instance);
  }
  if (instances.size === 0) return;
  try {
    execution.assertHeld();
    const { refused, failed, errors } = await terminateBatch(ports.ec2, [...instances.keys()]);
    progress.failures.push(...errors);
    if (errors.length > 0) progress.problem ??= { reason: "CloudProviderError", message: String(errors[0]) };
    for (const { instanceId, message } of refused) {
      const instance = instances.get(instanceId);
      if (instance) await recordRefusal(execution, instance, message);
      await report(execution, [cleanupFailed(instanceId, message)]);
    }
    for (const id of [...failed, ...refused.map(({ instanceId }) => instanceId)]) {
      const instance = instances.get(id);
      if (instance) drop(execution, instance);
    }
  } catch (error) {
    progress.failures.push(error);
  }
};
