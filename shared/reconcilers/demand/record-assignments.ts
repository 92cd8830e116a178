import type { DemandPlan } from "../../demand/plan.ts";
import type { DemandView } from "../../demand/view.ts";
import { inParallel } from "../../model/in-parallel.ts";
import type { InstanceRecord } from "../../model/instance-record.ts";
import { podName } from "../../model/kubernetes/pods.ts";
import type { KeyLease } from "../../queue/types.ts";
import type { ReconcilerPorts } from "../ports.ts";

const WRITES_AT_ONCE = 20;
/** More than a node takes. Older ones are bound or gone. */
const MAX_REMEMBERED = 250;

/**
 * Records of nodes in flight remember the pods that came later and have room there, as they do those that they were started for. A pod that one of
 * them remembers already needs no other, although the scheduler may have given its place to its like. A record that has changed since it was read is
 * left out: the next reconcile decides again.
 */
export const recordAssignments = async (
  ports: ReconcilerPorts,
  lease: KeyLease,
  { pools }: DemandView,
  { waiting }: DemandPlan,
): Promise<readonly unknown[]> => {
  const poolOf = new Map(pools.flatMap(({ name, started }) => started.map(({ record }) => [record, name] as const)));
  const remembered = new Set(pools.flatMap(({ started }) => started.flatMap(({ record }) => record.pods ?? [])));
  const added = [...Map.groupBy(waiting, ({ record }) => record)].flatMap(([record, own]) => {
    const names = own.map(({ pod }) => podName(pod)).filter((name) => !remembered.has(name));
    return names.length > 0 ? [{ record, names }] : [];
  });
  return inParallel(added, WRITES_AT_ONCE, async ({ record, names }: { record: InstanceRecord; names: string[] }) => {
    const pool = poolOf.get(record);
    // The record of an occupied node is being started, and changes with that.
    if (pool === undefined) return;
    lease.assertHeld();
    const set = { pods: [...(record.pods ?? []), ...names].slice(-MAX_REMEMBERED) };
    await ports.slots.write({ cluster: lease.key, pool }, record, { set });
  });
};
