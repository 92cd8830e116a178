/**
 * Resources that belong to others: networks of another account, and the account's own KMS keys. The names of the deployment's fields,
 * `networkOwner` and `kmsKeys`, are proposals.
 */
import { describe, expect, it } from "vitest";
import { actionsOf, statementsOf, synthesized } from "./synthesized.ts";

const OWNER = "210987654321";
const KEY = "arn:aws:kms:us-east-1:123456789012:key/own";

const resourcesOf = (clusters: unknown, functionName: string, action: string): string =>
  JSON.stringify(
    statementsOf(synthesized(clusters), functionName)
      .filter((statement) => actionsOf(statement).includes(action))
      .map(({ Resource }) => Resource),
  );

describe("a network that another account shares", () => {
  // Subnets, security groups and capacity reservations carry their owner's account (terraform-aws-iam#227, runs-on#463).
  it.fails("can be launched in, if the deployment names its owner [networkOwner]", () => {
    const clusters = [{ name: "my-cluster", networkOwner: OWNER }];
    const resources = resourcesOf(clusters, "pool", "ec2:RunInstances");
    expect(resources).toContain(`${OWNER}:subnet/*`);
    expect(resources).toContain(`${OWNER}:security-group/*`);
    expect(resources).toContain(`${OWNER}:capacity-reservation/*`);
  });
});

describe("a customer-managed key of the nodes' volumes", () => {
  // Whoever launches and starts gives EC2 a grant ("Requirements for Amazon EBS encryption", Amazon EBS User Guide).
  it.fails.each(["pool", "demand"])(
    "can be used by the %s function, if the deployment names it [encryption]",
    (name) => {
      const clusters = [{ name: "my-cluster", kmsKeys: [KEY] }];
      expect(resourcesOf(clusters, name, "kms:CreateGrant")).toContain(KEY);
    },
  );
});
