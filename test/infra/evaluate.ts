/** Evaluates the template's policies with the local IAM simulator, as AWS would. */
import type { Template } from "aws-cdk-lib/assertions";
import { resolveIntrinsics } from "../../local/aws/cloudformation/intrinsics.ts";
import { ACCOUNT, type ConditionContext, REGION } from "../../local/aws/gateway/service.ts";
import { decide } from "../../local/aws/iam/policy/evaluate.ts";
import { readPolicy } from "../../local/aws/iam/policy/policy.ts";
import { statementsOf } from "./synthesized.ts";

export { ACCOUNT, REGION };

const PSEUDO: Readonly<Record<string, string>> = {
  "AWS::Partition": "aws",
  "AWS::Region": REGION,
  "AWS::AccountId": ACCOUNT,
};

/** Returns whether a function may perform an action; `context` has the request's condition keys. */
export const whatMayBeDone =
  (template: Template) =>
  (name: string, action: string, resource: string, context: ConditionContext = {}): boolean => {
    const document = { Statement: statementsOf(template, name) };
    const resolved = resolveIntrinsics(document, {
      ref: (id) => PSEUDO[id] ?? id,
      getAtt: (id, attribute) => `${id}.${attribute}`,
      condition: () => false,
      mapping: () => undefined,
      zones: () => [],
    });
    const request = { action, resource, context: { "aws:RequestedRegion": REGION, ...context } };
    return decide(readPolicy(resolved), request) === "allowed";
  };
