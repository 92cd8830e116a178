export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
}

/** Nearest-rank percentiles, rounded to hundredths. Throws if `values` is empty. */
export const percentiles = (values: readonly number[]): Percentiles => {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (share: number): number => {
    const value = sorted[Math.ceil(share * sorted.length) - 1];
    if (value === undefined) throw new Error("percentiles of an empty list");
    return Math.round(value * 100) / 100;
  };
  return { p50: at(0.5), p99: at(0.99) };
};
