/** A launch whose answer was never recorded: EC2 is asked what it has made, before the call is repeated. */

import type { Ec2Instance } from "../../model/ec2.ts";
import type { Action } from "../../pool/actions.ts";
import { isLiving } from "../../pool/view.ts";
import { assign, releaseSlots, run, unrecorded } from "./launch.ts";
import { type Execution, keyOf } from "./progress.ts";

const livingFirst = (one: Ec2Instance, other: Ec2Instance): number => Number(isLiving(other)) - Number(isLiving(one));

/**
 * Assigns the instances that carry the token to its slots. A terminated one fills a slot, too, once no other can be meant: its launch failed. For
 * slots that are left, the call is repeated with its stored parameters. If these were never stored, EC2 was never called, and the slots are released.
 */
export const repeatLaunch = async (
  execution: Execution,
  { token, ifMissing }: Extract<Action, { kind: "repeatLaunch" }>,
): Promise<void> => {
  const { ports, view, progress } = execution;
  const records = view.instances.warmup
    .map(({ record }) => record)
    .filter((record) => record.token === token && record.instanceId === undefined);
  const spec = await ports.slots.readLaunch(keyOf(execution), token);
  const found = await ports.ec2.describeInstances({ clientToken: token });
  const isComplete = ifMissing === "release" || found.length >= (spec?.count ?? 0);
  const usable = unrecorded(execution, found).filter((instance) => isComplete || isLiving(instance));
  const { missing, isRaced } = await assign(execution, records, usable.toSorted(livingFirst));
  if (isRaced) return;
  if (missing.length === 0 || !spec || ifMissing === "release") {
    await releaseSlots(execution, missing, token);
    progress.moved = true;
  } else if (ifMissing === "launch") await run(execution, missing, spec, "repeated");
};
