import fc from "fast-check";
import { expect, test } from "vitest";
import { parseQuantity } from "../../../../shared/model/api/quantity.ts";

const NANO = 1_000_000_000n;
const units = (count: bigint) => count * NANO;

test.each([
  ["0", 0n],
  ["1", units(1n)],
  ["+1", units(1n)],
  ["-1", units(-1n)],
  ["100m", 100_000_000n],
  ["0.1", 100_000_000n],
  [".5", 500_000_000n],
  ["1.", units(1n)],
  ["1n", 1n],
  ["1u", 1000n],
  ["2e3", units(2000n)],
  ["2E3", units(2000n)],
  ["5e-1", 500_000_000n],
  ["12k", units(12_000n)],
  ["1E", units(10n ** 18n)],
  ["1Ki", units(1024n)],
  ["1.5Gi", units(1_610_612_736n)],
  ["7Ei", units(7n << 60n)],
  ["0.1Ki", 102_400_000_000n],
  [2, units(2n)],
  [0.25, 250_000_000n],
])("%s is parsed exactly", (text, expected) => {
  expect(parseQuantity(text)).toBe(expected);
});

test("anything finer than a billionth is rounded away from zero, as the API server does", () => {
  expect(parseQuantity("0.1n")).toBe(1n);
  expect(parseQuantity("1.0000000001")).toBe(units(1n) + 1n);
  expect(parseQuantity("-0.1n")).toBe(-1n);
});

test.each(["", ".", "m", "1 Gi", "1GiB", "1K", "1KI", "0x10", "1e", "1e3m", "--1", "1,5", "Infinity", "1e9999"])(
  '"%s" is rejected, with the resource and what is allowed',
  (text) => {
    expect(() => parseQuantity(text, "cpu")).toThrow(`cpu: found "${text}"; allowed: a quantity`);
  },
);

test("all notations of an amount are equal", () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 10n ** 15n), (amount) => {
      const expected = parseQuantity(`${amount}`);
      expect(parseQuantity(`${amount * 1000n}m`)).toBe(expected);
      expect(parseQuantity(`${amount}000e-3`)).toBe(expected);
      expect(parseQuantity(`${amount}.000`)).toBe(expected);
      expect(parseQuantity(`${amount}Ki`)).toBe(expected * 1024n);
    }),
  );
});

test("sums are exact for all suffixes", () => {
  const suffix = fc.constantFrom("m", "", "k", "Mi");
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(), suffix)), (terms) => {
      const inMilli = { m: 1n, "": 1000n, k: 1_000_000n, Mi: 1000n << 20n };
      const sum = terms.reduce((total, [amount, unit]) => total + parseQuantity(`${amount}${unit}`), 0n);
      const expected = terms.reduce((total, [amount, unit]) => total + BigInt(amount) * inMilli[unit], 0n);
      expect(sum).toBe(expected * 1_000_000n);
    }),
  );
});

test("any text results in a quantity or a RangeError", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 40 }), (text) => {
      try {
        expect(typeof parseQuantity(text)).toBe("bigint");
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }),
  );
});
