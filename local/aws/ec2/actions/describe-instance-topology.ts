import type { Action } from "../call.ts";
import { texts } from "../params.ts";

/**
 * Where instances stand in the data center; the cloud-controller-manager asks for it. Only large accelerated types have a topology
 * ("Prerequisites for Amazon EC2 topology", Amazon EC2 User Guide), which is not simulated; instances of other types are left out.
 */
export const describeInstanceTopology: Action = (world, call) => {
  const ids = texts(call.params, "InstanceId");
  call.about(ids);
  world.instances.find(ids);
  return { instanceSet: [] };
};
