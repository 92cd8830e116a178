/** The permissions that a launch requires ("Actions, resources, and condition keys for Amazon EC2", Service Authorization Reference). */
import type { ConditionContext } from "../../gateway/service.ts";
import type { Ec2Call } from "../call.ts";
import type { Tags } from "../tag-book.ts";
import type { World } from "../world.ts";
import type { LaunchRequest } from "./launch-request.ts";

/** Belong to whoever owns the network, also where AWS RAM shares them. */
const OF_THE_NETWORK: readonly string[] = [
  "vpc",
  "subnet",
  "security-group",
  "capacity-reservation",
  "placement-group",
];

export const ec2Arn = ({ region, account, networkOwner }: World, type: string, id: string) =>
  `arn:aws:ec2:${region}:${OF_THE_NETWORK.includes(type) ? networkOwner : account}:${type}/${id}`;

/** The condition keys for the tags that a request adds to a resource. */
export const requestTagContext = (tags: Tags = {}): ConditionContext => ({
  ...Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:RequestTag/${key}`, value])),
  // Without tags the key must be absent: Null and IfExists test for that.
  "aws:TagKeys": Object.keys(tags).length > 0 ? Object.keys(tags) : undefined,
});

/** The condition keys for the existing tags of a resource. */
export const resourceTagContext = (world: World, resourceId: string): ConditionContext =>
  Object.fromEntries(
    Object.entries(world.tags.of(resourceId)).flatMap(([key, value]) => [
      [`aws:ResourceTag/${key}`, value],
      [`ec2:ResourceTag/${key}`, value],
    ]),
  );

const CREATED = ["instance", "volume", "network-interface"] as const;

const instanceContext = ({
  type,
  profile,
  metadataOptions,
  spot,
  subnet,
  placement,
}: LaunchRequest): ConditionContext => ({
  "ec2:InstanceType": type.name,
  "ec2:InstanceProfile": profile?.arn,
  "ec2:InstanceMarketType": spot ? "spot" : "on-demand",
  "ec2:AvailabilityZone": subnet.zone,
  "ec2:Tenancy": placement.tenancy,
  "ec2:RootDeviceType": "ebs",
  "ec2:EbsOptimized": "true",
  "ec2:MetadataHttpTokens": metadataOptions.httpTokens,
  "ec2:MetadataHttpEndpoint": metadataOptions.httpEndpoint,
  "ec2:MetadataHttpPutResponseHopLimit": String(metadataOptions.httpPutResponseHopLimit),
});

const authorizeUsed = (world: World, { authorize }: Ec2Call, launch: LaunchRequest, common: ConditionContext): void => {
  const { image, subnet, groups, from } = launch;
  authorize("ec2:RunInstances", [`arn:aws:ec2:${world.region}::image/${image.id}`], {
    ...common,
    ...resourceTagContext(world, image.id),
    "ec2:ImageType": "machine",
    "ec2:Owner": image.ownerAlias ?? image.ownerId,
    "ec2:Public": String(image.public),
    "ec2:RootDeviceType": "ebs",
  });
  authorize("ec2:RunInstances", [ec2Arn(world, "subnet", subnet.id)], {
    ...common,
    ...resourceTagContext(world, subnet.id),
    "ec2:AvailabilityZone": subnet.zone,
    "ec2:Vpc": ec2Arn(world, "vpc", subnet.vpcId),
  });
  for (const group of groups) {
    authorize("ec2:RunInstances", [ec2Arn(world, "security-group", group.id)], {
      ...common,
      ...resourceTagContext(world, group.id),
      "ec2:Vpc": ec2Arn(world, "vpc", group.vpcId),
    });
  }
  const { groupName, reservation } = launch.placement;
  const placedIn = [
    ...(groupName ? [ec2Arn(world, "placement-group", groupName)] : []),
    ...(reservation.id ? [ec2Arn(world, "capacity-reservation", reservation.id)] : []),
    ...(reservation.resourceGroupArn ? [reservation.resourceGroupArn] : []),
  ];
  for (const arn of placedIn) authorize("ec2:RunInstances", [arn], common);
  if (!from) return;
  const context = { ...common, ...resourceTagContext(world, from.template.id) };
  authorize("ec2:RunInstances", [ec2Arn(world, "launch-template", from.template.id)], context);
};

/**
 * Throws UnauthorizedOperation unless the caller may use every named resource, create every new resource, add its tags
 * and pass the role. `createAction` is the action that adds the tags: RunInstances or CreateFleet.
 */
export const authorizeLaunch = (
  world: World,
  call: Ec2Call,
  launch: LaunchRequest,
  createAction: "RunInstances" | "CreateFleet" = "RunInstances",
): void => {
  const { profile, from, spot, subnet } = launch;
  const common: ConditionContext = {
    "ec2:LaunchTemplate": from && ec2Arn(world, "launch-template", from.template.id),
    "ec2:IsLaunchTemplateResource": from ? "true" : "false",
  };
  authorizeUsed(world, call, launch, common);
  const created: readonly string[] = spot ? [...CREATED, "spot-instances-request"] : CREATED;
  for (const type of created) {
    const tags = launch.tags[type];
    const arn = ec2Arn(world, type, "*");
    const context = {
      ...common,
      ...requestTagContext(tags),
      ...(type === "instance" ? instanceContext(launch) : { "ec2:AvailabilityZone": subnet.zone }),
    };
    call.authorize("ec2:RunInstances", [arn], context);
    if (tags) {
      call.authorize("ec2:CreateTags", [arn], { ...requestTagContext(tags), "ec2:CreateAction": createAction });
    }
  }
  if (!profile?.role) return;
  call.authorize("iam:PassRole", [profile.role.arn], { "iam:PassedToService": "ec2.amazonaws.com" });
};
