import type { EventPattern } from "aws-cdk-lib/aws-events";

export const EC2_SOURCE = "aws.ec2";

/** All instance states except `pending`, which says nothing that the launch response did not. */
const ROUTED_STATES = ["running", "stopping", "stopped", "shutting-down", "terminated"];
const SPOT_NOTICES = ["EC2 Spot Instance Interruption Warning", "EC2 Instance Rebalance Recommendation"];

/** EC2's events that concern instances, by the ids of their rules. */
export const EC2_EVENTS: Readonly<Record<string, EventPattern>> = {
  InstanceStates: {
    source: [EC2_SOURCE],
    detailType: ["EC2 Instance State-change Notification"],
    detail: { state: ROUTED_STATES },
  },
  SpotNotices: { source: [EC2_SOURCE], detailType: SPOT_NOTICES },
};
