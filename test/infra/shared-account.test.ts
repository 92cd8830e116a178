/** A network that another account shares: its resources carry their owner's account (terraform-aws-iam#227, runs-on#463). */
import { describe, expect, test } from "vitest";
import { createEc2 } from "../../shared/aws/ec2-client.ts";
import type { LaunchOptions } from "../../shared/model/ec2.ts";
import { aRegion } from "../local/aws/ec2/region.ts";
import { aSpec, TAGS } from "../shared/aws/launch-spec.ts";
import { whatMayBeDone } from "./evaluate.ts";
import { synthesized } from "./synthesized.ts";

const OWNER = "210987654321";
const GROUP = "pg-0123456789abcdef0";
const RESERVATION = "cr-0123456789abcdef0";

const isAllowed = whatMayBeDone(synthesized());

/** Launches as the pool function in a network of another account. */
const launchInShared = async (options: LaunchOptions) => {
  const region = await aRegion({
    networkOwner: OWNER,
    deny: ({ action, resource, context }) => !isAllowed("pool", action, resource, context),
  });
  region.ec2.world.placementGroups.add(GROUP);
  region.ec2.world.capacityReservations.add(RESERVATION);
  const tags = { ...TAGS, "stratos.sh/cluster": "my-cluster" };
  const launched = await createEc2(region.client).runInstances(aSpec({ count: 1, tags, options }));
  return { launched, used: region.gateway.permissionChecks.map(({ resource }) => resource) };
};

describe("a network that another account shares", () => {
  test("can be launched in, without naming its owner", async () => {
    const { launched, used } = await launchInShared({});
    expect(launched).toHaveLength(1);
    for (const kind of ["subnet", "security-group"])
      expect(used).toContainEqual(expect.stringMatching(`:${OWNER}:${kind}/`));
  });

  test("with its reservations and placement groups", async () => {
    const { launched, used } = await launchInShared({
      placementGroup: GROUP,
      capacityReservation: { id: RESERVATION },
    });
    expect(launched).toHaveLength(1);
    for (const kind of ["placement-group", "capacity-reservation"])
      expect(used).toContainEqual(expect.stringMatching(`:${OWNER}:${kind}/`));
  });

  test("gives no access to instances of its owner", () => {
    const tags = { "aws:ResourceTag/managed-by": "stratos", "aws:ResourceTag/stratos.sh/cluster": "my-cluster" };
    const instance = `arn:aws:ec2:us-east-1:${OWNER}:instance/i-1`;
    expect(isAllowed("pool", "ec2:TerminateInstances", instance, tags)).toBe(false);
  });
});
