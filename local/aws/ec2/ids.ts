/** Returns an id in AWS's format: a prefix and 17 hexadecimal digits. */
export type MakeId = (prefix: string) => string;

/** Derives the ids from `random`, so the same seed reproduces them. */
export const createIds = (random: () => number): MakeId => {
  const digits = () =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, "0");
  return (prefix) => `${prefix}-0${digits()}${digits()}`;
};
