/** Events that name only an instance: one parser per (source, detail-type); each yields an instance. */
import * as z from "zod/mini";
import { clusterOfSource, DETAIL_TYPE, FORWARDER_SOURCE_PREFIX } from "../model/events.ts";
import type { SpotNoticeKind } from "../model/spot-notice.ts";

const INSTANCE_ID = z.string().check(z.regex(/^i-[0-9a-f]{8,17}$/));

const STATE_CHANGE = "EC2 Instance State-change Notification";
const NOTICE_KIND = {
  "EC2 Spot Instance Interruption Warning": "interruption",
  "EC2 Instance Rebalance Recommendation": "rebalance",
} as const satisfies Readonly<Record<string, SpotNoticeKind>>;

const EC2_EVENT = z.object({
  source: z.literal("aws.ec2"),
  "detail-type": z.enum([STATE_CHANGE, ...Object.keys(NOTICE_KIND)] as [typeof STATE_CHANGE, ...NoticeType[]]),
  time: z.optional(z.iso.datetime()),
  detail: z.object({ "instance-id": INSTANCE_ID }),
});

type NoticeType = keyof typeof NOTICE_KIND;

const NODE_UNLABELLED = z.object({
  source: z.string().check(z.startsWith(FORWARDER_SOURCE_PREFIX)),
  "detail-type": z.literal(DETAIL_TYPE.nodeUnlabelled),
  detail: z.object({ instanceId: INSTANCE_ID }),
});

export interface NamedInstance {
  readonly instanceId: string;
  /** The cluster whose forwarder sent the event; undefined if EC2 did. */
  readonly cluster?: string;
  /** Of a spot instance; `at` in ms since the epoch, absent if the event has no time. */
  readonly notice?: { readonly kind: SpotNoticeKind; readonly at: number | undefined };
}

/** The instance in an EC2 or node-unlabelled event; undefined for any other event. */
export const instanceOf = (event: unknown): NamedInstance | undefined => {
  const ec2 = EC2_EVENT.safeParse(event);
  if (ec2.success) return namedByEc2(ec2.data);
  const node = NODE_UNLABELLED.safeParse(event);
  if (!node.success) return undefined;
  return { instanceId: node.data.detail.instanceId, cluster: clusterOfSource(node.data.source) };
};

const namedByEc2 = ({ detail, time, "detail-type": type }: z.infer<typeof EC2_EVENT>): NamedInstance => ({
  instanceId: detail["instance-id"],
  ...(type !== STATE_CHANGE && {
    notice: { kind: NOTICE_KIND[type], at: time === undefined ? undefined : Date.parse(time) },
  }),
});
