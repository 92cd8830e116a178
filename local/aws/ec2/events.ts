/** EC2's events on the default bus ("Automate Amazon EC2 using EventBridge", Amazon EC2 User Guide). */
import type { Instance } from "./instance.ts";
import type { World } from "./world.ts";

const STATE_CHANGE = "EC2 Instance State-change Notification";
const SPOT_WARNING = "EC2 Spot Instance Interruption Warning";
const REBALANCE = "EC2 Instance Rebalance Recommendation";

export const instanceArn = ({ region, account }: World, id: string) =>
  `arn:aws:ec2:${region}:${account}:instance/${id}`;

/** The ARN in spot events has the zone instead of the region, and no account, as in AWS's examples. */
const spotArn = ({ zone, id }: Instance) => `arn:aws:ec2:${zone}:instance/${id}`;

export const emitStateChange = (world: World, { id, state }: Instance): void =>
  world.emit({
    source: "aws.ec2",
    detailType: STATE_CHANGE,
    resources: [instanceArn(world, id)],
    detail: { "instance-id": id, state },
  });

export const emitSpotWarning = (world: World, instance: Instance): void =>
  world.emit({
    source: "aws.ec2",
    detailType: SPOT_WARNING,
    resources: [spotArn(instance)],
    detail: { "instance-id": instance.id, "instance-action": "terminate" },
  });

export const emitRebalance = (world: World, instance: Instance): void =>
  world.emit({
    source: "aws.ec2",
    detailType: REBALANCE,
    resources: [spotArn(instance)],
    detail: { "instance-id": instance.id },
  });
