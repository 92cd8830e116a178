/** Whether a conditional write failed because the item changed since it was read: an expected outcome, not a failure. */
export const isLostRace = (error: unknown): boolean =>
  error instanceof Error && error.name === "ConditionalCheckFailedException";

/** The answer to a lost race, undefined; throws any other error. */
export const undefinedIfLostRace = (error: unknown): undefined => {
  if (!isLostRace(error)) throw error;
};
