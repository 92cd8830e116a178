/** Calls on many instances, one of which may spoil them for all. */
import { isDenied, isThrottled } from "./errors.ts";

/** Whether something about one of the instances fails the call for all of them; EC2's own failures do so whoever is named. */
export const isAboutAnInstance = (error: unknown): boolean =>
  error instanceof Error && "$fault" in error && error.$fault === "client" && !isThrottled(error) && !isDenied(error);

/** Ids that an error's message names. */
export const namedBy = (error: unknown): ReadonlySet<string> =>
  new Set(error instanceof Error ? (error.message.match(/\bi-[0-9a-f]{8,17}\b/g) ?? []) : []);

export const halves = (ids: readonly string[]): readonly (readonly string[])[] => {
  const middle = Math.ceil(ids.length / 2);
  return [ids.slice(0, middle), ids.slice(middle)];
};

export const chunks = (ids: readonly string[], size: number): (readonly string[])[] =>
  Array.from({ length: Math.ceil(ids.length / size) }, (_, index) => ids.slice(index * size, (index + 1) * size));
