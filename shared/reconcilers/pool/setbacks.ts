/** Failures that concern one instance only, such as a webhook that refuses one node: the rest of the pool does not wait for them. */
import { KubeError } from "../../kube/client.ts";
import type { InstanceRecord } from "../../model/instance-record.ts";
import type { Instance } from "../../pool/view.ts";
import type { ReconcilerPorts } from "../ports.ts";

export interface Setback {
  readonly instance: Instance;
  readonly error: unknown;
}

/** Often at first, then less and less, as long as the instance stays in its state. */
const LOOK_AGAIN_MS = { least: 5_000, most: 60_000 };

/** An API server that throttles, or that does not know who asks, answers for every object alike. */
const ALL_ALIKE: readonly number[] = [401, 429];

const isRefusal = ({ status, message }: KubeError): boolean =>
  status < 500 ? !ALL_ALIKE.includes(status) : message.includes("failed calling webhook");

/** Whether the cluster refused one object. Several failures concern one object each only if all of them do. */
export const isObjectRefused = (error: unknown): boolean =>
  error instanceof AggregateError
    ? error.errors.every(isObjectRefused)
    : error instanceof KubeError && isRefusal(error);

/** When the pool looks again at an instance, in ms. */
export const lookAgainAt = ({ stateSince }: InstanceRecord, now: number): number =>
  now + Math.min(LOOK_AGAIN_MS.most, Math.max(LOOK_AGAIN_MS.least, (now - stateSince) / 4));

/** Logs and counts them as a failed reconcile is: nobody sees a condition on a pool that nobody looks at. */
export const reportSetbacks = (
  { telemetry }: Pick<ReconcilerPorts, "telemetry">,
  { cluster, pool }: { readonly cluster: string; readonly pool: string },
  setbacks: readonly Setback[],
): void => {
  for (const { instance, error } of setbacks)
    telemetry.log.warn("a call about one instance failed", {
      cluster,
      pool,
      instance: instance.record.instanceId,
      error,
    });
  if (setbacks.length > 0) telemetry.recordMetric("reconcileErrors", 1, { Cluster: cluster, Function: "pool" });
};
