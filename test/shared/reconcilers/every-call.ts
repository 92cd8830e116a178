/** The same life, once for each call it makes to the world, interrupted at that call. */
import type { Interruption } from "./interruptions.ts";
import type { World } from "./world.ts";

const MOST_CALLS = 500;

/** A call that a function is killed at, one that is not carried out, and one whose answer is lost. */
export const KINDS: readonly Interruption["kind"][] = ["dies after", "fails before", "fails after"];

/**
 * Begins a world for each call of `life` and has it interrupted there; throws what `life` throws, with the call's number and
 * name. Returns how many calls were interrupted.
 */
export const interruptEveryCall = async (
  kind: Interruption["kind"],
  begin: () => Promise<World>,
  life: (world: World) => Promise<void>,
): Promise<number> => {
  for (let at = 1; at <= MOST_CALLS; at += 1) {
    const world = await begin();
    const before = world.interruptions.calls.length;
    world.interruptions.arm({ at, kind });
    try {
      await life(world);
    } catch (error) {
      const call = world.interruptions.calls[before + at - 1];
      throw new Error(`a function ${kind} call ${at}, ${call}: ${String(error)}`, { cause: error });
    }
    if (!world.interruptions.happened()) return at - 1;
  }
  throw new Error(`more than ${MOST_CALLS} calls`);
};

/** Reconciles until it holds, whatever becomes of each reconcile; what interrupts one is over when the next begins. */
export const liveUntil = async (
  world: World,
  reconcile: () => Promise<unknown>,
  holds: () => Promise<boolean>,
  always: () => void = () => {},
): Promise<void> => {
  for (let round = 0; round < 40; round += 1) {
    await reconcile().catch(() => {});
    if (world.interruptions.happened()) world.interruptions.disarm();
    always();
    if (await holds()) return;
    world.advance();
  }
  throw new Error(`it does not come to that in 40 reconciles: ${JSON.stringify(await world.records())}`);
};
