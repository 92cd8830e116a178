/** Events that name only an instance: one parser per (source, detail-type); each yields an instance id. */
import * as z from "zod/mini";
import { DETAIL_TYPE, FORWARDER_SOURCE } from "../model/events.ts";

const INSTANCE_ID = z.string().check(z.regex(/^i-[0-9a-f]{8,17}$/));

const fromEc2 = (detailType: string) =>
  z.object({
    source: z.literal("aws.ec2"),
    "detail-type": z.literal(detailType),
    detail: z.object({ "instance-id": INSTANCE_ID }),
  });

const EC2_EVENTS = z.union([
  fromEc2("EC2 Instance State-change Notification"),
  fromEc2("EC2 Spot Instance Interruption Warning"),
  fromEc2("EC2 Instance Rebalance Recommendation"),
]);

const NODE_UNLABELLED = z.object({
  source: z.literal(FORWARDER_SOURCE),
  "detail-type": z.literal(DETAIL_TYPE.nodeUnlabelled),
  detail: z.object({ instanceId: INSTANCE_ID }),
});

/** The instance id in an EC2 or node-unlabelled event; undefined for any other event. */
export const instanceOf = (event: unknown): string | undefined => {
  const ec2 = EC2_EVENTS.safeParse(event);
  if (ec2.success) return ec2.data.detail["instance-id"];
  const node = NODE_UNLABELLED.safeParse(event);
  return node.success ? node.data.detail.instanceId : undefined;
};
