import type { PolicyStatementProps } from "aws-cdk-lib/aws-iam";

/** A statement of a function's policy, with effect Allow. CDK grants are not used, so that all permissions can be read here. */
export interface Permission extends PolicyStatementProps {
  readonly sid: string;
  readonly actions: string[];
  readonly resources: string[];
  /** Why the resources contain `*`; cdk-nag requires a reason. */
  readonly wildcardBecause?: string;
}
