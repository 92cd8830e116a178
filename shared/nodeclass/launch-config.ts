/** The launch parameters that come from a resolved node class; the pool reconciler adds the rest. */

import type { AWSNodeClass, AWSNodeClassSpec, Condition } from "../model/api/types.ts";
import type { LaunchOptions } from "../model/ec2.ts";
import type { LaunchConfig, UserDataSource } from "../model/launch-config.ts";

export type LaunchReadiness =
  | { readonly kind: "ready"; readonly launch: LaunchConfig }
  | { readonly kind: "notReady"; readonly message: string };

/** Conditions that must be True for the class's current generation before instances are launched from it. */
export const READINESS = ["Valid", "AMIReady", "SubnetsReady", "SecurityGroupsReady", "InstanceProfileReady"] as const;

/** The launch config, or the reasons why nothing can be launched from this class now. */
export const launchConfigOf = (nodeClass: AWSNodeClass): LaunchReadiness => {
  const { metadata, spec, status = {} } = nodeClass;
  if (metadata.deletionTimestamp) return { kind: "notReady", message: "it is being deleted" };
  const reasons = READINESS.flatMap((type) => notReadyReason(nodeClass, type) ?? []);
  if (reasons.length > 0) return { kind: "notReady", message: reasons.join("; ") };
  const { resolvedAMI, resolvedSubnets, resolvedSecurityGroups, resolvedInstanceProfile } = status;
  if (!resolvedAMI || !resolvedSubnets || !resolvedSecurityGroups || !resolvedInstanceProfile) {
    return { kind: "notReady", message: "its status is incomplete" };
  }
  const { httpTokens, httpPutResponseHopLimit, httpEndpoint } = spec.metadataOptions ?? {};
  return {
    kind: "ready",
    launch: {
      imageId: resolvedAMI,
      instanceType: spec.instanceType,
      instanceTypes: spec.instanceTypes ?? [spec.instanceType],
      subnets: resolvedSubnets,
      securityGroupIds: resolvedSecurityGroups.map((group) => group.id),
      instanceProfile: resolvedInstanceProfile,
      userDataSource: sourceOf(spec),
      metadataOptions: {
        httpTokens: httpTokens ?? "required",
        httpPutResponseHopLimit: httpPutResponseHopLimit ?? 1,
        httpEndpoint: httpEndpoint ?? "enabled",
      },
      blockDevices: spec.blockDeviceMappings ?? [],
      options: optionsOf(spec),
      userTags: spec.tags ?? {},
    },
  };
};

/** Only the fields that are set: undefined fields would make the config of an unchanged class look changed. */
const optionsOf = ({ capacityReservation, tenancy, placementGroup, hibernation }: AWSNodeClassSpec): LaunchOptions => ({
  ...(capacityReservation && { capacityReservation }),
  ...(tenancy && { tenancy }),
  ...(placementGroup && { placementGroup }),
  ...(hibernation && { hibernation }),
});

const sourceOf = ({
  bootstrapTemplate,
  userData = "",
  customUserData,
  kubelet = {},
}: AWSNodeClassSpec): UserDataSource =>
  bootstrapTemplate ? { template: bootstrapTemplate, custom: customUserData, kubelet } : { own: userData };

const notReadyReason = ({ metadata, status }: AWSNodeClass, type: string): string | undefined => {
  const condition = status?.conditions?.find((candidate) => candidate.type === type);
  if (!condition || isAboutAnOlderSpec(condition, metadata.generation)) return `${type} is not known yet`;
  return condition.status === "True" ? undefined : `${type}: ${condition.message}`;
};

/** A condition that is kept during a transient failure also keeps its `observedGeneration`. */
export const isAboutAnOlderSpec = (condition: Pick<Condition, "observedGeneration">, generation = 0): boolean =>
  (condition.observedGeneration ?? generation) < generation;
