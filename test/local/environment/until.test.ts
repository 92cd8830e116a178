import { expect, it } from "vitest";
import { createClock } from "../../../local/clock.ts";
import { seededRandom } from "../../../local/environment/random.ts";
import { createUntil } from "../../../local/environment/until.ts";

it("returns within a second of the clock's time after the condition becomes true", async () => {
  const clock = createClock(Number.POSITIVE_INFINITY, 0);
  let done = false;
  clock.after(30_000, () => {
    done = true;
  });
  await createUntil(clock, () => "")("done", () => done, { withinMs: 60_000 });
  expect(clock.now()).toBeGreaterThanOrEqual(30_000);
  expect(clock.now()).toBeLessThan(31_500);
  clock.stop();
});

it("fails with the description and the dump", async () => {
  const clock = createClock(Number.POSITIVE_INFINITY, 0);
  const until = createUntil(clock, () => "nothing there");
  await expect(until("a node is Ready", () => false, { withinMs: 5000 })).rejects.toThrow(
    "a node is Ready: not within 5 s\n\nnothing there",
  );
  clock.stop();
});

it("seededRandom returns the same numbers for the same seed", () => {
  const [a, b, c] = [seededRandom(1), seededRandom(1), seededRandom(2)];
  const numbers = Array.from({ length: 100 }, a);
  expect(Array.from({ length: 100 }, b)).toEqual(numbers);
  expect(Array.from({ length: 100 }, c)).not.toEqual(numbers);
  expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
});
