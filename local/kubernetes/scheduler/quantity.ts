/**
 * Kubernetes quantities as plain numbers. The scheduler counts CPU in millicores and everything else in whole units, rounded
 * up, like kube-scheduler (framework.Resource); numbers hold these exactly up to 9 PB. Deliberately independent of the
 * implementation in `shared/`, to cross-check it.
 */

const FACTORS: Readonly<Record<string, number>> = {
  "": 1,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

const QUANTITY = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)([A-Za-z]*)$/;
/** Upper bound for the floating-point error of a product of two decimals. */
const ROUNDING_ERROR = 1e-6;

/** The quantity times `scale`, rounded up. Returns 0 for an invalid quantity; the API server rejects those. */
export const readQuantity = (quantity: string | number, scale: number): number => {
  const [, digits = "0", suffix = ""] = QUANTITY.exec(String(quantity)) ?? [];
  return Math.ceil(Number(digits) * (FACTORS[suffix] ?? 0) * scale - ROUNDING_ERROR);
};
