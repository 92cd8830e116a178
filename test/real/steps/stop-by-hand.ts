import { EC2Client, StopInstancesCommand } from "@aws-sdk/client-ec2";
import { REGION } from "../../../local/cloud/service.ts";
import { instanceOf, nodeNamed, type PodObject } from "../reading.ts";
import type { Real } from "../stage.ts";
import { untilServed } from "./guarded.ts";

/** Somebody stops the instance under the guarded pod: the pod, and the one that serves in its place, on the same node or another. */
export const stopByHand = async (real: Real): Promise<{ readonly pod: PodObject; readonly next: PodObject }> => {
  const pod = await untilServed(real);
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const ec2 = new EC2Client({ endpoint: real.awsUrl, region: REGION, credentials });
  try {
    await ec2.send(new StopInstancesCommand({ InstanceIds: [instanceOf(nodeNamed(real, pod.spec.nodeName))] }));
    return { pod, next: await untilServed(real, pod) };
  } finally {
    ec2.destroy();
  }
};
