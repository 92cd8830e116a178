/** Repeats a scenario once for each call that it makes, and interrupts it at that call. */
import type { Interruption } from "./interruptions.ts";
import type { World } from "./world.ts";

const MAX_CALLS = 500;
const MAX_RECONCILES = 40;

/** The function crashes after a call, the call is not carried out, or its response is lost. */
export const INTERRUPTION_KINDS: readonly Interruption["kind"][] = ["crashes after", "fails before", "fails after"];

/**
 * Runs the scenario in a new world for each of its calls, and interrupts it at that call. Throws what the scenario throws, with the number and
 * name of the call. Returns the number of interrupted calls.
 */
export const interruptEveryCall = async (
  kind: Interruption["kind"],
  begin: () => Promise<World>,
  scenario: (world: World) => Promise<void>,
): Promise<number> => {
  for (let at = 1; at <= MAX_CALLS; at += 1) {
    const world = await begin();
    const before = world.interruptions.calls.length;
    world.interruptions.arm({ at, kind });
    try {
      await scenario(world);
    } catch (error) {
      const call = world.interruptions.calls[before + at - 1];
      throw new Error(`a function ${kind} call ${at}, ${call}: ${String(error)}`, { cause: error });
    }
    if (!world.interruptions.hasHappened()) return at - 1;
  }
  throw new Error(`more than ${MAX_CALLS} calls`);
};

/** Runs the scenario in a new world for each of its calls; somebody acts right before that call. Otherwise like `interruptEveryCall`. */
export const actBeforeEveryCall = async (
  begin: () => Promise<World>,
  act: (world: World) => void,
  scenario: (world: World) => Promise<void>,
): Promise<number> => {
  for (let at = 1; at <= MAX_CALLS; at += 1) {
    const world = await begin();
    const before = world.interruptions.calls.length;
    world.interruptions.actBefore(at, () => act(world));
    try {
      await scenario(world);
    } catch (error) {
      const call = world.interruptions.calls[before + at - 1];
      throw new Error(`somebody acted before call ${at}, ${call}: ${String(error)}`, { cause: error });
    }
    if (!world.interruptions.hasHappened()) return at - 1;
  }
  throw new Error(`more than ${MAX_CALLS} calls`);
};

/** Reconciles until the condition holds. Reconciles may fail; an interruption ends with its reconcile. `always` is checked after each. */
export const recoverUntil = async (
  world: World,
  reconcile: () => Promise<unknown>,
  holds: () => Promise<boolean>,
  always: () => void = () => {},
): Promise<void> => {
  for (let round = 0; round < MAX_RECONCILES; round += 1) {
    await reconcile().catch(() => {});
    if (world.interruptions.hasHappened()) world.interruptions.disarm();
    always();
    if (await holds()) return;
    world.advance();
  }
  throw new Error(`not within ${MAX_RECONCILES} reconciles: ${JSON.stringify(await world.records())}`);
};
