import { describe, expect, it } from "vitest";
import { type BusFaults, noBusFaults } from "../../local/aws/eventbridge/faults.ts";
import {
  apply,
  burstOf,
  callsOf,
  endBurst,
  instancesByState,
  MINUTE,
  ONE_INSTANCE,
  pool,
  QUICK_TO_STOP,
  quickStart,
  startStratos,
  untilRunning,
} from "./stratos.ts";

describe("events", () => {
  it("that are lost, delivered twice, late and out of order do not change the outcome", async () => {
    const faults: BusFaults = { ...noBusFaults(), drop: 0.3, duplicate: 0.5, delayMs: [1_000, 20_000], reorder: 0.5 };
    const environment = await startStratos({ faults });
    await quickStart(environment, { ...QUICK_TO_STOP, poolSize: 4 });
    await apply(environment, burstOf(4));
    await untilRunning(environment, 4);
    const started = callsOf(environment, "StartInstances").flatMap(({ ids }) => ids);
    expect(new Set(started).size).toBe(2);
    await endBurst(environment);
    expect(instancesByState(environment)).toEqual({ stopped: pool(environment)?.status?.total });
  });

  it("whose functions Lambda throttles for five minutes are handled afterwards", async () => {
    const environment = await startStratos();
    await quickStart(environment, { ...QUICK_TO_STOP, ...ONE_INSTANCE });
    for (const name of ["demand", "pool"]) environment.functions.throttle(name, 5 * MINUTE);
    const throttledAt = environment.clock.now();
    await apply(environment, burstOf(2));
    await untilRunning(environment, 2);
    expect(environment.clock.now() - throttledAt).toBeLessThan(8 * MINUTE);
    await endBurst(environment);
  });
});
