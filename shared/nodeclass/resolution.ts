/** What came of looking for the things that a node class refers to. */

import type { Image, SecurityGroup, Subnet } from "../model/class-resources.ts";
import type { InstanceTypeFacts } from "../model/ec2.ts";

/**
 * `missing` is AWS's definite answer and replaces what was known; `settling` is there, but not for all of AWS yet; `failed` is no
 * answer, as after throttling or a refusal, and leaves what was known in place.
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
  /** Those of the types that the class names and EC2 knows. */
  readonly instanceTypes: Outcome<readonly InstanceTypeFacts[]>;
  readonly ami: Outcome<Pick<Image, "id" | "architecture">>;
  readonly subnets: Outcome<readonly Subnet[]>;
  readonly securityGroups: Outcome<readonly SecurityGroup[]>;
  /** Name or ARN. */
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

/** Runs one resolution; an error thrown in it is a failure of what was being done. */
export const attempt = async <T>(doing: string, work: () => Promise<Outcome<T>>): Promise<Outcome<T>> => {
  try {
    return await work();
  } catch (error) {
    return failed(doing, error, "ResolutionFailed");
  }
};
