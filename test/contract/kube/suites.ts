import { describeAccess } from "./access.ts";
import { describeApplying } from "./applying.ts";
import type { Connect, Implementation, Suite } from "./cluster.ts";
import { describeCustomResources } from "./custom-resources.ts";
import { describeDeleting } from "./deleting.ts";
import { describeEvicting } from "./evicting.ts";
import { describeKubelets } from "./kubelets.ts";
import { describeLeasing } from "./leasing.ts";
import { describeOwning } from "./owning.ts";
import { describeReading } from "./reading.ts";
import { describeRefusing } from "./refusing.ts";
import { describeRestricting } from "./restricting.ts";
import { describeJobs } from "./running-jobs.ts";
import { describeScheduling } from "./scheduling.ts";
import { describeWatching } from "./watching.ts";
import { describeWriting } from "./writing.ts";

/** The first suite also creates the CRDs that some of the others use. */
const SUITES: readonly Suite[] = [
  describeCustomResources,
  describeReading,
  describeWriting,
  describeApplying,
  describeDeleting,
  describeWatching,
  describeAccess,
  describeRefusing,
  describeRestricting,
  describeLeasing,
  describeOwning,
  describeJobs,
  describeScheduling,
  describeEvicting,
  describeKubelets,
];

/** Runs all suites on one cluster. */
export const describeKubernetes = (implementation: Implementation, connect: Connect): void => {
  for (const suite of SUITES) suite(implementation, connect);
};
