import type { Connect, Implementation, Suite } from "./cluster.ts";
import { describeCustomResources } from "./custom-resources.ts";

const SUITES: readonly Suite[] = [describeCustomResources];

/** All suites on one cluster. */
export const describeKubernetes = (implementation: Implementation, connect: Connect): void => {
  for (const suite of SUITES) suite(implementation, connect);
};
