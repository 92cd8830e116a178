import { describeChangesOfState } from "./changing-state.ts";
import type { Connect, Implementation } from "./cloud.ts";
import { describeFinding } from "./finding.ts";
import { describeLaunching } from "./launching.ts";

const SUITES = [describeLaunching, describeChangesOfState, describeFinding];

/** All suites on one account. */
export const describeAws = (implementation: Implementation, connect: Connect): void => {
  for (const suite of SUITES) suite(implementation, connect);
};
