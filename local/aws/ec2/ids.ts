/** Makes ids as AWS does: a prefix and 17 hexadecimal digits. */
export type MakeId = (prefix: string) => string;

/** The ids follow from `random`, so that a seed replays them. */
export const createIds = (random: () => number): MakeId => {
  const digits = () =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, "0");
  return (prefix) => `${prefix}-0${digits()}${digits()}`;
};
