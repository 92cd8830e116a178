/**
 * Kubernetes quantities as plain numbers. The scheduler counts CPU in thousandths and everything else in whole units, rounded up,
 * as kube-scheduler does (framework.Resource); numbers hold these exactly up to 9 PB. On purpose not what `shared/` uses: this
 * is a second opinion on it.
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

const SHAPE = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)([A-Za-z]*)$/;
/** What a product of two decimals may be off by. */
const NOISE = 1e-6;

/** The quantity times `scale`, rounded up; 0 for what is no quantity, which the API server has refused before. */
export const readQuantity = (quantity: string | number, scale: number): number => {
  const [, digits = "0", suffix = ""] = SHAPE.exec(String(quantity)) ?? [];
  return Math.ceil(Number(digits) * (FACTORS[suffix] ?? 0) * scale - NOISE);
};
