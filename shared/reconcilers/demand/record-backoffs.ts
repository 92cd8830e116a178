/** Records that nodes were started for pods in vain, and tells the pods. */
import { backoffMs } from "../../demand/in-vain.ts";
import type { PlannedBackoff } from "../../demand/plan.ts";
import { inParallel } from "../../model/in-parallel.ts";
import { conditionOf, type KubePod } from "../../model/kubernetes/objects.ts";
import { podName } from "../../model/kubernetes/pods.ts";
import type { KeyLease } from "../../queue/types.ts";
import type { ReconcilerPorts } from "../ports.ts";
import { tryRecordEvents } from "../record-events.ts";

const WRITES_AT_ONCE = 20;
/** A few pods are enough to tell a Deployment of thousands. */
const MAX_EVENTS = 10;
/** Of one record: more kinds of pods than fit on a node hardly matter. */
const MAX_REMEMBERED = 20;

const eventOn = (pod: KubePod, { record, start }: PlannedBackoff) => {
  const { name, namespace = "default", uid } = pod.metadata;
  const node = record.nodeName ?? record.instanceId;
  const said = conditionOf(pod, "PodScheduled")?.message ?? "it gives no reason";
  const next = `the next start for such pods is in ${backoffMs(start.count) / 60_000} min at the earliest`;
  return {
    object: { apiVersion: "v1", kind: "Pod", name, namespace, ...(uid !== undefined && { uid }) },
    type: "Warning",
    reason: "StartedInVain",
    message: `node ${node} was started for this pod and is open, but the scheduler has no node for it; ${next}; scheduler: ${said}`,
    now: start.at,
  } as const;
};

/** One write per record. A record that has changed since it was read is left out; the next reconcile finds the same. */
export const recordBackoffs = async (
  ports: ReconcilerPorts,
  lease: KeyLease,
  backoffs: readonly PlannedBackoff[],
): Promise<readonly unknown[]> => {
  const cluster = lease.key;
  const recorded: PlannedBackoff[] = [];
  const byRecord = [...Map.groupBy(backoffs, ({ record }) => record)];
  const failures = await inParallel(byRecord, WRITES_AT_ONCE, async ([record, own]) => {
    lease.assertHeld();
    const startsInVain = [...(record.startsInVain ?? []), ...own.map(({ start }) => start)].slice(-MAX_REMEMBERED);
    const key = { cluster, pool: own[0]?.pool ?? "" };
    if (await ports.slots.write(key, record, { set: { startsInVain } })) recorded.push(...own);
  });
  const reported = recorded.flatMap((backoff) => backoff.pods.map((pod) => ({ pod, backoff }))).slice(0, MAX_EVENTS);
  for (const { pod, backoff } of reported) {
    const fields = { cluster, pool: backoff.pool, pod: podName(pod), node: backoff.record.nodeName };
    ports.telemetry.log.info("a node was started for this pod in vain", fields);
  }
  const events = reported.map(({ pod, backoff }) => eventOn(pod, backoff));
  await tryRecordEvents(await ports.kube(cluster), ports, events, { cluster });
  return failures;
};
