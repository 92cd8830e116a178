/** The supported EC2 actions by name. */
import type { Action } from "../call.ts";
import { startInstances, stopInstances, terminateInstances } from "./change-state.ts";
import { createFleet } from "./create-fleet.ts";
import { describeImages } from "./describe-images.ts";
import { describeInstanceStatus } from "./describe-instance-status.ts";
import { describeInstanceTopology } from "./describe-instance-topology.ts";
import { describeInstanceTypes } from "./describe-instance-types.ts";
import { describeInstances } from "./describe-instances.ts";
import {
  describeAvailabilityZones,
  describeSecurityGroups,
  describeSubnets,
  describeVpcs,
} from "./describe-network.ts";
import { describeVolumes } from "./describe-volumes.ts";
import { describeInstanceAttribute, getConsoleOutput } from "./inspect-instance.ts";
import {
  createLaunchTemplate,
  createLaunchTemplateVersion,
  deleteLaunchTemplate,
  describeLaunchTemplates,
  describeLaunchTemplateVersions,
  modifyLaunchTemplate,
} from "./launch-templates.ts";
import { modifyInstanceAttribute } from "./modify-instance-attribute.ts";
import { runInstances } from "./run-instances.ts";
import { createTags, deleteTags, describeTags } from "./tags.ts";

/** These have no resource-level permissions: a policy must allow them on `*`. */
const DESCRIBE: Readonly<Record<string, Action>> = {
  DescribeAvailabilityZones: describeAvailabilityZones,
  DescribeImages: describeImages,
  DescribeInstanceStatus: describeInstanceStatus,
  DescribeInstanceTopology: describeInstanceTopology,
  DescribeInstanceTypes: describeInstanceTypes,
  DescribeInstances: describeInstances,
  DescribeLaunchTemplateVersions: describeLaunchTemplateVersions,
  DescribeLaunchTemplates: describeLaunchTemplates,
  DescribeSecurityGroups: describeSecurityGroups,
  DescribeSubnets: describeSubnets,
  DescribeTags: describeTags,
  DescribeVolumes: describeVolumes,
  DescribeVpcs: describeVpcs,
};

const authorized =
  (name: string, action: Action): Action =>
  (world, call) => {
    call.authorize(`ec2:${name}`, ["*"]);
    call.proceed();
    return action(world, call);
  };

export const ACTIONS: Readonly<Record<string, Action>> = {
  ...Object.fromEntries(Object.entries(DESCRIBE).map(([name, action]) => [name, authorized(name, action)])),
  CreateFleet: createFleet,
  CreateLaunchTemplate: createLaunchTemplate,
  CreateLaunchTemplateVersion: createLaunchTemplateVersion,
  CreateTags: createTags,
  DeleteLaunchTemplate: deleteLaunchTemplate,
  DeleteTags: deleteTags,
  DescribeInstanceAttribute: describeInstanceAttribute,
  GetConsoleOutput: getConsoleOutput,
  ModifyInstanceAttribute: modifyInstanceAttribute,
  ModifyLaunchTemplate: modifyLaunchTemplate,
  RunInstances: runInstances,
  StartInstances: startInstances,
  StopInstances: stopInstances,
  TerminateInstances: terminateInstances,
};
