import { describe, expect, test } from "vitest";
import type { AWSNodeClass } from "../../../shared/model/api/types.ts";
import type { Resolution } from "../../../shared/nodeclass/resolution.ts";
import { resolved } from "../../../shared/nodeclass/resolution.ts";
import { aNodeClass, aResolution, aSubnet, conditionOf, planOf, throttled } from "./builders.ts";

describe("a class that is not Valid", () => {
  const elsewhere = aResolution({ subnets: resolved([aSubnet({ vpcId: "vpc-2" })]) });
  const { status } = planOf({ resolution: elsewhere });

  const validity = (nodeClass: AWSNodeClass, overrides: Partial<Resolution>) =>
    conditionOf(planOf({ nodeClass, resolution: aResolution(overrides) }).status, "Valid");

  test.each(["instanceTypes", "ami", "subnets", "securityGroups"])(
    "stays so while the lookup of %s fails",
    (lookup) => {
      expect(validity(aNodeClass({ status }), { [lookup]: throttled })).toMatchObject({
        status: "False",
        message: expect.stringMatching(/^subnet-1 is in vpc-2/),
      });
    },
  );

  test("is Valid once everything is looked up again", () => {
    expect(validity(aNodeClass({ status }), {})).toMatchObject({ status: "True" });
  });

  test("is not judged by what was found about an older spec", () => {
    const changed = aNodeClass({ status, generation: 2, spec: { subnetIds: ["subnet-2"] } });
    expect(validity(changed, { subnets: throttled })).toMatchObject({ status: "True", observedGeneration: 2 });
  });
});
