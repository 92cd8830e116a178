import { describeChangesOfState } from "./changing-state.ts";
import { describeChangesOfType } from "./changing-type.ts";
import type { Connect, Implementation } from "./cloud.ts";
import { describeDescribing } from "./describing.ts";
import { describeEvents } from "./events.ts";
import { describeFinding } from "./finding.ts";
import { describeLaunching } from "./launching.ts";
import { describeProfiles } from "./profiles.ts";
import { describeQueues } from "./queues.ts";
import { describeRules } from "./rules.ts";
import { describeTemplates } from "./templates.ts";

const SUITES = [
  describeDescribing,
  describeLaunching,
  describeChangesOfState,
  describeChangesOfType,
  describeFinding,
  describeTemplates,
  describeQueues,
  describeRules,
  describeEvents,
  describeProfiles,
];

/** Runs all suites in one account. */
export const describeAws = (implementation: Implementation, connect: Connect): void => {
  for (const suite of SUITES) suite(implementation, connect);
};
