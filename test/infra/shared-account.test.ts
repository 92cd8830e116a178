/**
 * Resources that belong to others: networks of another account. The name of the deployment's field,
 * `networkOwner`, is a proposal.
 */
import { describe, expect, it } from "vitest";
import { actionsOf, statementsOf, synthesized } from "./synthesized.ts";

const OWNER = "210987654321";

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
