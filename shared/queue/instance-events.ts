/** Events that name only an instance: one parser per (source, detail-type); each yields an instance. */
import * as z from "zod/mini";
import { clusterOfSource, DETAIL_TYPE, FORWARDER_SOURCE_PREFIX } from "../model/events.ts";

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
  source: z.string().check(z.startsWith(FORWARDER_SOURCE_PREFIX)),
  "detail-type": z.literal(DETAIL_TYPE.nodeUnlabelled),
  detail: z.object({ instanceId: INSTANCE_ID }),
});

export interface NamedInstance {
  readonly instanceId: string;
  /** The cluster whose forwarder sent the event; undefined if EC2 did. */
  readonly cluster?: string;
}

/** The instance in an EC2 or node-unlabelled event; undefined for any other event. */
export const instanceOf = (event: unknown): NamedInstance | undefined => {
  const ec2 = EC2_EVENTS.safeParse(event);
  if (ec2.success) return { instanceId: ec2.data.detail["instance-id"] };
  const node = NODE_UNLABELLED.safeParse(event);
  if (!node.success) return undefined;
  return { instanceId: node.data.detail.instanceId, cluster: clusterOfSource(node.data.source) };
};
