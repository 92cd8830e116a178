/** List prices in US dollars, us-east-1, on-demand, without free tiers (AWS's pricing pages; those marked: belief). */

/** In any time, for example a month. */
export interface Usage {
  readonly invocations: number;
  readonly gigabyteSeconds: number;
  readonly traces: number;
  readonly queueRequests: number;
  /** Of up to 4 KB, strongly consistent. */
  readonly tableReads: number;
  /** Items of up to 1 KB. */
  readonly tableWrites: number;
  /** On the custom bus. */
  readonly events: number;
  readonly logGigabytes: number;
}

interface Fixed {
  readonly alarms: number;
  readonly dashboards: number;
  readonly metrics: number;
}

const MILLION = 1e6;
const PER_UNIT: Readonly<Record<keyof Usage, number>> = {
  invocations: 0.2 / MILLION,
  // arm64
  gigabyteSeconds: 0.0000133334,
  // Belief. Lambda samples one request per second and 5 % of the others: all of them, at these rates.
  traces: 5 / MILLION,
  queueRequests: 0.4 / MILLION,
  tableReads: 0.125 / MILLION,
  tableWrites: 0.625 / MILLION,
  events: 1 / MILLION,
  logGigabytes: 0.5,
};
/** A month each; the first and the last: belief. */
const PER_MONTH: Readonly<Record<keyof Fixed, number>> = { alarms: 0.1, metrics: 0.3, dashboards: 3 };

const cents = (dollars: number): number => Math.round(dollars * 100) / 100;

const priced = <Name extends string>(amounts: Readonly<Record<Name, number>>, prices: Readonly<Record<Name, number>>) =>
  Object.entries<number>(amounts).map(([name, amount]) => [name, cents(amount * prices[name as Name])] as const);

/** By part, and together. */
export const monthlyDollars = (usage: Usage, fixed: Fixed): Record<string, number> => {
  const parts = [...priced(usage, PER_UNIT), ...priced(fixed, PER_MONTH)];
  return { ...Object.fromEntries(parts), together: cents(parts.reduce((total, [, dollars]) => total + dollars, 0)) };
};
