/** The results of looking up the AWS resources that a node class refers to. */

import type { Image, SecurityGroup, Subnet } from "../model/class-resources.ts";
import type { InstanceTypeFacts } from "../model/ec2.ts";

/**
 * `missing` is a definite answer from AWS and replaces the last known value. `settling`: the resource exists, but has not propagated
 * to all of AWS. `failed`: no answer, for example because of throttling or missing permissions; the last known value stays.
 */
export type Outcome<T> =
  | { readonly kind: "resolved"; readonly value: T }
  | { readonly kind: "missing"; readonly reason: "NoMatchingResources" | "RoleNotFound"; readonly message: string }
  | { readonly kind: "settling"; readonly reason: "Propagating"; readonly message: string }
  | {
      readonly kind: "failed";
      readonly reason: "ResolutionFailed" | "RoleUpdateFailed";
      readonly message: string;
      readonly cause: unknown;
    };

export interface Resolution {
  /** The class's instance types that EC2 knows. */
  readonly instanceTypes: Outcome<readonly InstanceTypeFacts[]>;
  readonly ami: Outcome<Image>;
  readonly subnets: Outcome<readonly Subnet[]>;
  readonly securityGroups: Outcome<readonly SecurityGroup[]>;
  /** The instance profile's name or ARN. */
  readonly instanceProfile: Outcome<string>;
}

export const outcomesOf = (resolution: Resolution): readonly Outcome<unknown>[] => {
  const { instanceTypes, ami, subnets, securityGroups, instanceProfile } = resolution;
  return [instanceTypes, ami, subnets, securityGroups, instanceProfile];
};

export const resolved = <T>(value: T): Outcome<T> => ({ kind: "resolved", value });

export const noMatch = (message: string): Outcome<never> => ({
  kind: "missing",
  reason: "NoMatchingResources",
  message,
});

export const failed = (doing: string, cause: unknown, reason: "ResolutionFailed" | "RoleUpdateFailed") =>
  ({
    kind: "failed",
    reason,
    message: `${doing}: ${cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)}`,
    cause,
  }) as const;

/** Runs one lookup; turns a thrown error into a `failed` outcome. */
export const attempt = async <T>(doing: string, work: () => Promise<Outcome<T>>): Promise<Outcome<T>> => {
  try {
    return await work();
  } catch (error) {
    return failed(doing, error, "ResolutionFailed");
  }
};
