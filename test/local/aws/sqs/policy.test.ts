import { expect, test } from "vitest";
import { authorizeDelivery } from "../../../../local/aws/sqs/policy.ts";

const queueArn = "arn:aws:sqs:us-east-1:123456789012:demand";
const ruleArn = "arn:aws:events:us-east-1:123456789012:rule/stratos/pods";
const allow = {
  Effect: "Allow",
  Principal: { Service: "events.amazonaws.com" },
  Action: "sqs:SendMessage",
  Resource: queueArn,
  Condition: { ArnEquals: { "aws:SourceArn": ruleArn } },
};
const denyPlainText = {
  Effect: "Deny",
  Principal: "*",
  Action: "sqs:*",
  Resource: queueArn,
  Condition: { Bool: { "aws:SecureTransport": "false" } },
};

const delivery = (statements: object[] | undefined, sourceArn = ruleArn) => {
  const policy = statements && JSON.stringify({ Version: "2012-10-17", Statement: statements });
  return () => authorizeDelivery(policy, queueArn, { service: "events.amazonaws.com", sourceArn });
};

test("allows the rule that the policy names, over TLS", () => {
  expect(delivery([allow, denyPlainText])).not.toThrow();
});

test.each([
  ["there is no policy", undefined],
  ["the policy names another rule", [{ ...allow, Condition: { ArnEquals: { "aws:SourceArn": `${ruleArn}-2` } } }]],
  ["the policy names another service", [{ ...allow, Principal: { Service: "sns.amazonaws.com" } }]],
  ["the policy names another queue", [{ ...allow, Resource: `${queueArn}-dlq` }]],
  ["a statement denies it", [allow, { ...allow, Effect: "Deny" }]],
  ["a condition is unknown", [{ ...allow, Condition: { StringEquals: { "aws:PrincipalOrgID": "o-1" } } }]],
])("denies a delivery when %s", (_, statements) => {
  expect(delivery(statements)).toThrow(/not authorized to perform: sqs:SendMessage/);
});
