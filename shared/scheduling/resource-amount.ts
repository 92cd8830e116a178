/**
 * Resources as the scheduler counts them: CPU in thousandths of a core, everything else in bytes or units, rounded up
 * (k8s.io/kubernetes/pkg/scheduler/framework, Resource). Numbers are exact up to 9 PB and far faster than BigInt.
 */
import { createQuantityCache, parseQuantity, type Quantity } from "../model/api/quantity.ts";

/** Amounts by resource name; an absent resource is 0. */
export type Amounts = ReadonlyMap<string, number>;

export const NO_AMOUNTS: Amounts = new Map();

/** The resource name for the number of pods on a node. */
export const PODS = "pods";

const NANO = 1_000_000_000n;
const MICRO = 1_000_000n;

const toAmount = (name: string, quantity: Quantity): number => {
  const unit = name === "cpu" ? MICRO : NANO;
  const whole = quantity / unit;
  return Number(quantity % unit > 0n ? whole + 1n : whole);
};

export const amountsOf = (quantities: ReadonlyMap<string, Quantity>): Amounts => {
  const amounts = new Map<string, number>();
  for (const [name, quantity] of quantities) amounts.set(name, toAmount(name, quantity));
  return amounts;
};

type Quantities = Readonly<Record<string, string | number>>;

export const toAmounts = (list: Quantities, parse = parseQuantity): Amounts => {
  const amounts = new Map<string, number>();
  for (const name of Object.keys(list)) amounts.set(name, toAmount(name, parse(list[name] ?? 0, name)));
  return amounts;
};

export type AmountsOf = (list: Quantities) => Amounts;

/** Returns the same object for equal lists: most nodes are alike, so what follows from their amounts is worked out once. */
export const createAmountsCache = (): AmountsOf => {
  const parse = createQuantityCache();
  const byList = new Map<Quantities, Amounts>();
  const byText = new Map<string, Amounts>();
  return (list) => {
    const known = byList.get(list);
    if (known) return known;
    const text = JSON.stringify(list);
    const amounts = byText.get(text) ?? toAmounts(list, parse);
    byText.set(text, amounts);
    byList.set(list, amounts);
    return amounts;
  };
};

const BYTES = /^(?:memory|ephemeral-storage|hugepages-.*)$/;

/** The usual notation: `1500m`, `1.5Gi`, `2`. */
export const readableAmount = (name: string, amount: number): string => {
  if (name === "cpu") return amount % 1000 === 0 ? String(amount / 1000) : `${amount}m`;
  if (!BYTES.test(name)) return String(amount);
  const unit = amount >= 2 ** 30 ? "Gi" : "Mi";
  return `${Math.round((amount / (unit === "Gi" ? 2 ** 30 : 2 ** 20)) * 100) / 100}${unit}`;
};
