/**
 * Kubernetes quantities: `100m`, `1.5Gi`, `2e3`, `1Ki`. All arithmetic uses BigInt in billionths of the resource's unit (cores, bytes, units),
 * the finest step that the API server keeps. So sums are exact in a cluster of any size.
 * Source: k8s.io/apimachinery/pkg/api/resource/quantity.go.
 */

/** Billionths of one core, byte or unit. */
export type Quantity = bigint;

const NANO = 1_000_000_000n;
const QUANTITY = /^([+-]?)(\d*)(?:\.(\d*))?(?:([KMGTPE]i)|([numkMGTPE])|[eE]([+-]?\d{1,3}))?$/;

const BINARY: Readonly<Record<string, bigint>> = {
  Ki: 1n << 10n,
  Mi: 1n << 20n,
  Gi: 1n << 30n,
  Ti: 1n << 40n,
  Pi: 1n << 50n,
  Ei: 1n << 60n,
};

const DECIMAL_EXPONENT: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};

export type ParseQuantity = (value: string | number, field?: string) => Quantity;

/** Divides non-negative numbers and rounds up, as the API server rounds anything finer than a billionth. */
const divideUp = (dividend: bigint, divisor: bigint): bigint => (dividend + divisor - 1n) / divisor;

const power = (exponent: number): bigint => 10n ** BigInt(exponent);

/**
 * Throws a RangeError that names `field` if the value is not a quantity. A number means its decimal text, as in manifests with `cpu: 2`.
 */
export const parseQuantity: ParseQuantity = (value, field = "quantity") => {
  const [match, sign, whole = "", fraction = "", binary, decimal, exponent] = QUANTITY.exec(String(value)) ?? [];
  if (match === undefined || whole + fraction === "") {
    throw new RangeError(`${field}: found "${value}"; allowed: a quantity such as "500m", "2", "1.5Gi" or "2e3"`);
  }
  const shift = (decimal ? (DECIMAL_EXPONENT[decimal] ?? 0) : Number(exponent ?? 0)) - fraction.length;
  const scaled = BigInt(whole + fraction) * NANO * (binary ? (BINARY[binary] ?? 1n) : 1n);
  const magnitude = shift >= 0 ? scaled * power(shift) : divideUp(scaled, power(-shift));
  return sign === "-" ? -magnitude : magnitude;
};

/** Parses each text once: many pods and nodes have the same quantities. */
export const createQuantityCache = (): ParseQuantity => {
  const parsed = new Map<string | number, Quantity>();
  return (value, field) => {
    const quantity = parsed.get(value) ?? parseQuantity(value, field);
    parsed.set(value, quantity);
    return quantity;
  };
};
