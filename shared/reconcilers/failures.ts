/** Failures of work on several items, thrown as one error. */

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Throws one error with all failures and their messages, if there are any. `doing` says what was being done. */
export const throwIfAny = (failures: readonly unknown[], doing: string): void => {
  if (failures.length === 0) return;
  const reasons = [...new Set(failures.map(messageOf))];
  throw new AggregateError(failures, `${doing}: ${reasons.join("; ")}`);
};
