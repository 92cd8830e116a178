import type { PolicyStatementProps } from "aws-cdk-lib/aws-iam";

/** A statement of a function's policy. Effect is Allow; no statement is made by a grant, so that each can be read here. */
export interface Permission extends PolicyStatementProps {
  readonly sid: string;
  readonly actions: string[];
  readonly resources: string[];
  /** Why a `*` stands in the resources; cdk-nag refuses one without. */
  readonly wildcardBecause?: string;
}
