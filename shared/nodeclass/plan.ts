/** Plans a node class's status, finalizers and warnings, and which pools to wake. Pure. */

import { templateProblem } from "../bootstrap/class-problem.ts";
import type { AWSNodeClass, AWSNodeClassStatus } from "../model/api/types.ts";
import { FINALIZER } from "../model/names.ts";
import { conditionsOf } from "./conditions.ts";
import { estimateNode } from "./estimate-allocatable.ts";
import { launchConfigOf } from "./launch-config.ts";
import { type Outcome, outcomesOf, type Resolution } from "./resolution.ts";
import { spotTypeProblems, validate } from "./validate.ts";
import type { NodeClassView, ValidationError, Warning } from "./view.ts";

export interface NodeClassPlan {
  readonly status: AWSNodeClassStatus;
  /** Warning events. */
  readonly warnings: readonly Warning[];
  /** Pools to reconcile because the class's launch config or readiness changed. */
  readonly poolsToWake: readonly string[];
}

/** What pools launch from the class. Free addresses change all the time, and concern only where the next launch goes. */
const launchTextOf = (nodeClass: AWSNodeClass): string =>
  JSON.stringify(launchConfigOf(nodeClass), (field, value: unknown) => (field === "freeAddresses" ? undefined : value));

/**
 * A failed lookup keeps the last good value and its condition, including the condition's `observedGeneration`, so that no launch mixes
 * an old and a new spec.
 */
export const planNodeClass = (view: NodeClassView): NodeClassPlan => {
  const { nodeClass, pools, resolution } = view;
  const before = nodeClass.status ?? {};
  const problem = validationError(view);
  const status: AWSNodeClassStatus = {
    observedGeneration: nodeClass.metadata.generation,
    nodePoolCount: pools.length,
    resolvedAMI: valueOrLastGood(idOf(resolution.ami), before.resolvedAMI),
    resolvedSubnets: valueOrLastGood(mapOutcome(resolution.subnets, withoutVpc), before.resolvedSubnets),
    resolvedSecurityGroups: valueOrLastGood(
      mapOutcome(resolution.securityGroups, withoutVpc),
      before.resolvedSecurityGroups,
    ),
    resolvedInstanceProfile: valueOrLastGood(resolution.instanceProfile, before.resolvedInstanceProfile),
    estimatedAllocatable: valueOrLastGood(allocatableOf(view), before.estimatedAllocatable),
    conditions: conditionsOf(view, problem),
  };
  const isLaunchedAlike = launchTextOf({ ...nodeClass, status }) === launchTextOf(nodeClass);
  return {
    status,
    warnings: warningsOf(view, problem),
    poolsToWake: isLaunchedAlike ? [] : pools.map(({ name }) => name),
  };
};

const valueOrLastGood = <T>(outcome: Outcome<T>, lastGood: T | undefined): T | undefined => {
  switch (outcome.kind) {
    case "resolved":
      return outcome.value;
    case "missing":
    case "settling":
      return undefined;
    case "failed":
      return lastGood;
  }
};

const withoutVpc = <T extends { readonly vpcId: string }>(items: readonly T[]): Omit<T, "vpcId">[] =>
  items.map(({ vpcId: _vpcId, ...item }) => item);

const mapOutcome = <T, U>(outcome: Outcome<T>, map: (value: T) => U): Outcome<U> =>
  outcome.kind === "resolved" ? { kind: "resolved", value: map(outcome.value) } : outcome;

const idOf = (ami: Resolution["ami"]): Outcome<string> => mapOutcome(ami, ({ id }) => id);

/** For the class's first instance type. */
const allocatableOf = ({ nodeClass: { spec }, resolution }: NodeClassView) =>
  mapOutcome(resolution.instanceTypes, (types) => {
    const facts = types.find(({ instanceType }) => instanceType === spec.instanceType);
    return facts && estimateNode(facts, spec);
  });

/** With the VPC CNI, each pod needs an address too: one m5.large can use 30. */
const LOW_ADDRESS_COUNT = 30;

const lowSubnets = ({ resolution: { subnets } }: NodeClassView): Warning[] => {
  const low =
    subnets.kind === "resolved" ? subnets.value.filter(({ freeAddresses }) => freeAddresses < LOW_ADDRESS_COUNT) : [];
  const counts = low.map(({ id, zone, freeAddresses }) => `${id} (${zone}) has ${freeAddresses}`).join(", ");
  return low.length === 0 ? [] : [{ reason: "AddressesLow", message: `subnets are low on free addresses: ${counts}` }];
};

const blockedDeletion = ({ nodeClass, pools }: NodeClassView): Warning[] => {
  if (!nodeClass.metadata.deletionTimestamp || pools.length === 0) return [];
  const names = pools.map(({ name }) => name).join(", ");
  return [{ reason: "DeletionBlocked", message: `deletion waits until NodePools ${names} no longer use it` }];
};

/** Source: docs.aws.amazon.com/eks/latest/userguide/eks-ami-deprecation-faqs.html. */
const outdatedTemplate = ({ nodeClass: { spec } }: NodeClassView): Warning[] =>
  spec.bootstrapTemplate === "AL2"
    ? [
        {
          reason: "TemplateOutdated",
          message:
            "bootstrapTemplate is AL2, for which AWS has published no EKS images since November 2025: it gets no more patches, " +
            "and there are no images for Kubernetes 1.33 and later; use AL2023",
        },
      ]
    : [];

const deprecatedImage = ({ resolution: { ami }, now }: NodeClassView): Warning[] => {
  const deprecatedAt = ami.kind === "resolved" ? ami.value.deprecatedAt : undefined;
  if (ami.kind !== "resolved" || deprecatedAt === undefined || now < Date.parse(deprecatedAt)) return [];
  const message = `image ${ami.value.id} has been deprecated since ${deprecatedAt}: it is still launched, until its owner deregisters it; use a newer one`;
  return [{ reason: "ImageDeprecated", message }];
};

/**
 * nodeadm's `localStorage` (awslabs.github.io/amazon-eks-ami, nodeadm API), its script on AL2, and Bottlerocket's bootstrap command put kubelet's
 * and containerd's directories on the instance store.
 */
const INSTANCE_STORE_SETUP = /\blocalStorage\b|\bsetup-local-disks\b|"ephemeral-storage",\s*"(?:init|bind)"/;

const instanceStore = ({ nodeClass: { spec } }: NodeClassView): Warning[] => {
  const field = (["userData", "customUserData"] as const).find((name) => INSTANCE_STORE_SETUP.test(spec[name] ?? ""));
  if (!field) return [];
  const message = `spec.${field} sets up the instance store, which EC2 wipes at each stop, and with it the images that were pulled; keep them on EBS volumes`;
  return [{ reason: "InstanceStoreUsed", message }];
};

const unusableSpotTypes = (view: NodeClassView): Warning[] =>
  spotTypeProblems(view).map((message) => ({ reason: "SpotTypesUnusable", message }));

const warningsOf = (view: NodeClassView, problem: ValidationError | undefined): readonly Warning[] => [
  ...outcomesOf(view.resolution).flatMap((outcome): Warning[] => {
    const failed = outcome.kind === "missing" || outcome.kind === "failed";
    return failed ? [{ reason: "ResolutionFailed", message: outcome.message }] : [];
  }),
  ...(problem ? [{ reason: "ValidationFailed", message: problem.message } as const] : []),
  ...lowSubnets(view),
  ...blockedDeletion(view),
  ...outdatedTemplate(view),
  ...deprecatedImage(view),
  ...unusableSpotTypes(view),
  ...instanceStore(view),
];

const validationError = (view: NodeClassView): ValidationError | undefined => {
  const problem = validate(view) ?? templateProblem(view.nodeClass.spec);
  return problem ? { reason: "ValidationFailed", message: problem } : undefined;
};

/**
 * The finalizers of a class that is not being deleted; returns the same list if nothing changes. The instance profile's finalizer is
 * never removed, because a class that no longer names a `role` may still have instances with its profile.
 */
export const finalizersOf = ({ metadata, spec }: AWSNodeClass, inUse: boolean): readonly string[] => {
  const found = metadata.finalizers ?? [];
  const kept = inUse ? found : found.filter((name) => name !== FINALIZER.classInUse);
  const added = [
    ...(inUse ? [FINALIZER.classInUse] : []),
    ...(spec.role ? [FINALIZER.classInstanceProfile] : []),
  ].filter((name) => !kept.includes(name));
  return added.length === 0 && kept.length === found.length ? found : [...kept, ...added];
};
