import type { ConditionContext } from "../../gateway/service.ts";
import { conditionsHold } from "./condition.ts";
import type { Statement } from "./policy.ts";
import { matchesWildcard } from "./wildcard.ts";

export type Decision = "allowed" | "explicitDeny" | "implicitDeny";

export interface AccessRequest {
  /** `ec2:StartInstances`. */
  readonly action: string;
  readonly resource: string;
  readonly context: ConditionContext;
}

const appliesTo = (statement: Statement, { action, resource, context }: AccessRequest): boolean => {
  const namesAction = statement.actions.some((pattern) => matchesWildcard(pattern.toLowerCase(), action.toLowerCase()));
  const namesResource = statement.resources.some((pattern) => matchesWildcard(pattern, resource));
  return (
    namesAction !== statement.exceptActions &&
    namesResource !== statement.exceptResources &&
    conditionsHold(statement.conditions, context)
  );
};

/** Evaluates identity-based policies as IAM does: an explicit deny wins, and anything that no statement allows is denied. */
export const decide = (statements: readonly Statement[], request: AccessRequest): Decision => {
  const relevant = statements.filter((statement) => appliesTo(statement, request));
  if (relevant.some((statement) => statement.effect === "Deny")) return "explicitDeny";
  return relevant.length > 0 ? "allowed" : "implicitDeny";
};
