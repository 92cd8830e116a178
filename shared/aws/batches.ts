/** Helpers for batch calls, which EC2 fails as a whole when one instance is at fault. */
import { isDenied, isThrottled } from "./errors.ts";

/** Whether one of the instances made the whole call fail. Server errors, throttling and denied calls do not depend on the ids. */
export const isInstanceFault = (error: unknown): boolean =>
  error instanceof Error && "$fault" in error && error.$fault === "client" && !isThrottled(error) && !isDenied(error);

/** The instance ids in an error's message. */
export const instanceIdsIn = (error: unknown): ReadonlySet<string> =>
  new Set(error instanceof Error ? (error.message.match(/\bi-[0-9a-f]{8,17}\b/g) ?? []) : []);

export const halves = (ids: readonly string[]): readonly (readonly string[])[] => {
  const middle = Math.ceil(ids.length / 2);
  return [ids.slice(0, middle), ids.slice(middle)];
};

export const chunks = (ids: readonly string[], size: number): (readonly string[])[] =>
  Array.from({ length: Math.ceil(ids.length / size) }, (_, index) => ids.slice(index * size, (index + 1) * size));
