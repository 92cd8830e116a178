/** Whatever happens, in whatever order, no pod loses its power unnamed, the pool keeps its size, and it recovers. */
import fc from "fast-check";
import { it } from "vitest";
import { calm, expectRecovered } from "../hostile-recovery.ts";
import { anyStep, createHostileWorld, take } from "../hostile-world.ts";

/** The same worlds in each run; `RUNS=1000 SEED=2` explores others. */
const { RUNS = "50", SEED = "1" } = process.env;

it("a pool survives a hostile world", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 5, maxLength: 40 }), async (steps) => {
      const hostile = await createHostileWorld();
      for (const step of steps) await take(hostile, step);
      await calm(hostile);
      await expectRecovered(hostile);
    }),
    { numRuns: Number(RUNS), seed: Number(SEED) },
  );
}, 600_000);
