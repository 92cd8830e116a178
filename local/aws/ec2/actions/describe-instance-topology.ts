import { texts } from "../../gateway/query-params.ts";
import type { Action } from "../call.ts";

/**
 * The location of instances in the data center; the cloud-controller-manager calls it. Only large accelerated types have a topology
 * ("Prerequisites for Amazon EC2 topology", Amazon EC2 User Guide), which is not simulated; EC2 omits instances of other types.
 */
export const describeInstanceTopology: Action = (world, call) => {
  const ids = texts(call.params, "InstanceId");
  call.logIds(ids);
  world.instances.find(ids);
  return { instanceSet: [] };
};
