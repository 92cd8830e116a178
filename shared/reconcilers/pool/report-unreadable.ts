import { paths } from "../../kube/paths.ts";
import type { NodePool } from "../../model/api/types.ts";
import type { PoolKey } from "../../model/keys.ts";
import { unreadableStatus } from "../../pool/unreadable-status.ts";
import type { ReconcilerPorts } from "../ports.ts";
import { recordPoolEvents } from "../record-events.ts";
import { statusPatch } from "../status-patch.ts";

/** Shows in the pool's status, and once in an event, that its spec cannot be read, and why. Nothing else is done with it: other pools are not affected. */
export const reportUnreadable = async (
  ports: ReconcilerPorts,
  { cluster, pool: name }: PoolKey,
  { pool, problem }: { readonly pool: NodePool; readonly problem: string },
  now: number,
): Promise<void> => {
  const { metadata, status } = pool;
  const context = { conditions: status?.conditions ?? [], generation: metadata.generation ?? 0, now };
  const changed = statusPatch(status ?? {}, { ...status, ...unreadableStatus(problem, context) });
  if (Object.keys(changed).every((field) => field === "lastReconcileTime")) return;
  const kube = await ports.kube(cluster);
  await kube.patch(paths.nodePoolStatus(name), "merge", { status: changed });
  const event = { type: "Warning", reason: "ValidationFailed", message: problem } as const;
  await recordPoolEvents(kube, ports, { cluster, pool: name, uid: metadata.uid, now }, [event]);
};
