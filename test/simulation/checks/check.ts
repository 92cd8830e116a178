/** A check of the promises of the specification, and what it reports. */
import type { Call } from "../call.ts";
import type { SimulatedWorld } from "../world.ts";

export interface Violation {
  /** The promise's number in the specification, or a short name. */
  readonly promise: string;
  readonly what: string;
}

export type Violate = (promise: string, what: string) => void;

/** Registers what it checks with the world's hooks. */
export type Check = (world: SimulatedWorld, violate: Violate) => void;

/** What is said of a call in a violation. */
export const describeCall = (call: Call | undefined): string =>
  call ? `${call.process.name} in ${call.service} ${call.operation}` : "somebody";
