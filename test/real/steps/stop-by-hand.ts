import { StopInstancesCommand } from "@aws-sdk/client-ec2";
import { ec2ByHand } from "../ec2-by-hand.ts";
import { instanceOf, nodeNamed, type PodObject } from "../reading.ts";
import type { Real } from "../stage.ts";
import { untilServed } from "./guarded.ts";

export interface StoppedByHand {
  readonly instanceId: string;
  /** The guarded pod that ran on it. */
  readonly pod: PodObject;
}

/** Stops the guarded pod's instance and waits until a replacement pod runs, on the same node or another. */
export const stopByHand = async (real: Real): Promise<StoppedByHand> => {
  const pod = await untilServed(real);
  const instanceId = instanceOf(nodeNamed(real, pod.spec.nodeName));
  const ec2 = ec2ByHand(real);
  try {
    await ec2.send(new StopInstancesCommand({ InstanceIds: [instanceId] }));
    await untilServed(real, pod);
    return { instanceId, pod };
  } finally {
    ec2.destroy();
  }
};
