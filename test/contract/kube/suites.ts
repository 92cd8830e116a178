import { describeAccess } from "./access.ts";
import { describeApplying } from "./applying.ts";
import type { Connect, Implementation, Suite } from "./cluster.ts";
import { describeCustomResources } from "./custom-resources.ts";
import { describeDeleting } from "./deleting.ts";
import { describeKubelets } from "./kubelets.ts";
import { describeReading } from "./reading.ts";
import { describeWatching } from "./watching.ts";
import { describeWriting } from "./writing.ts";

/** The first also brings the resources that some of the others work on. */
const SUITES: readonly Suite[] = [
  describeCustomResources,
  describeReading,
  describeWriting,
  describeApplying,
  describeDeleting,
  describeWatching,
  describeAccess,
  describeKubelets,
];

/** All suites on one cluster. */
export const describeKubernetes = (implementation: Implementation, connect: Connect): void => {
  for (const suite of SUITES) suite(implementation, connect);
};
