/** Resource policies of event buses, which other accounts need ("Permissions for event buses", EventBridge User Guide). */
import type { ConditionContext } from "../gateway/service.ts";
import { decide } from "../iam/policy/evaluate.ts";
import { namesAccount, readPolicy, type Statement } from "../iam/policy/policy.ts";

export interface BusPolicies {
  /** Creates or replaces a statement. */
  set(busArn: string, statementId: string, statement: unknown): void;
  /** Whether another account may send the event. */
  admits(busArn: string, account: string, event: { readonly source?: string; readonly detailType?: string }): boolean;
}

/** The condition keys of PutEvents (Service Authorization Reference, Amazon EventBridge). */
export const conditionsOf = (event: {
  readonly source?: string | undefined;
  readonly detailType?: string | undefined;
}): ConditionContext => ({ "events:source": event.source, "events:detail-type": event.detailType });

export const createBusPolicies = (): BusPolicies => {
  const policies = new Map<string, Map<string, readonly Statement[]>>();
  return {
    set: (busArn, statementId, statement) => {
      const statements = policies.get(busArn) ?? new Map();
      policies.set(busArn, statements.set(statementId, readPolicy({ Statement: statement })));
    },
    admits: (busArn, account, event) => {
      const statements = [...(policies.get(busArn)?.values() ?? [])].flat();
      const relevant = statements.filter((statement) => namesAccount(statement, account));
      const request = { action: "events:PutEvents", resource: busArn, context: conditionsOf(event) };
      return decide(relevant, request) === "allowed";
    },
  };
};
