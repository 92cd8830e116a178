/** Failures that concern one instance only, such as a webhook that refuses one node: the rest of the pool does not wait for them. */
import { isInstanceFault } from "../../aws/batches.ts";
import { KubeError } from "../../kube/client.ts";
import type { Instance } from "../../pool/view.ts";

export interface Setback {
  readonly instance: Instance;
  readonly error: unknown;
}

/** Often at first, then less and less, as long as the instance stays in its state. */
const LOOK_AGAIN_MS = { least: 5_000, most: 60_000 };

/** An API server that throttles, or that nobody is authenticated to, answers for every object alike. */
const ALL_ALIKE: readonly number[] = [401, 429];

const isRefusal = ({ status, message }: KubeError): boolean =>
  status < 500 ? !ALL_ALIKE.includes(status) : message.includes("failed calling webhook");

/** Whether the failure says nothing about other instances. */
export const concernsOne = (error: unknown): boolean => {
  if (error instanceof AggregateError) return error.errors.every(concernsOne);
  return error instanceof KubeError ? isRefusal(error) : isInstanceFault(error);
};

/** When the pool looks again at instances with setbacks, in ms; undefined without any. */
export const lookAgainAt = (setbacks: readonly Setback[], now: number): number | undefined => {
  const pauses = setbacks.map(({ instance: { record } }) =>
    Math.min(LOOK_AGAIN_MS.most, Math.max(LOOK_AGAIN_MS.least, (now - record.stateSince) / 4)),
  );
  return pauses.length > 0 ? now + Math.min(...pauses) : undefined;
};
