/** What came of looking for the things that a node class refers to. */
import type { SecurityGroup, Subnet } from "./cloud.ts";

/**
 * `missing` is AWS's definite answer and replaces what was known; `failed` is no answer, as after throttling or a refusal, and
 * leaves what was known in place.
 */
export type Outcome<T> =
  | { readonly kind: "resolved"; readonly value: T }
  | { readonly kind: "missing"; readonly reason: "NoMatchingResources" | "RoleNotFound"; readonly message: string }
  | {
      readonly kind: "failed";
      readonly reason: "ResolutionFailed" | "RoleUpdateFailed";
      readonly message: string;
      readonly cause: unknown;
    };

export interface Resolution {
  readonly ami: Outcome<string>;
  readonly subnets: Outcome<readonly Subnet[]>;
  readonly securityGroups: Outcome<readonly SecurityGroup[]>;
  /** Name or ARN. */
  readonly instanceProfile: Outcome<string>;
}

export const outcomesOf = ({
  ami,
  subnets,
  securityGroups,
  instanceProfile,
}: Resolution): readonly Outcome<unknown>[] => [ami, subnets, securityGroups, instanceProfile];

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
