import { expect, test } from "vitest";
import { nodeClassProblem } from "../../../shared/nodeclass/validate-spec.ts";

const spec = { instanceType: "m5.large", userData: "#!/bin/bash\n" };

test("accepts the cluster's region, explicit or by default", () => {
  expect(nodeClassProblem(spec, "us-east-1")).toBeUndefined();
  expect(nodeClassProblem({ ...spec, region: "us-east-1" }, "us-east-1")).toBeUndefined();
});

test("rejects another region than the cluster's", () => {
  expect(nodeClassProblem({ ...spec, region: "eu-west-1" }, "us-east-1")).toMatch(/region is eu-west-1.*us-east-1/);
});

test("measures user data in bytes, not in characters like the API server", () => {
  expect(nodeClassProblem({ ...spec, userData: "é".repeat(8192) }, "us-east-1")).toBeUndefined();
  expect(nodeClassProblem({ ...spec, userData: "é".repeat(8193) }, "us-east-1")).toMatch(/16386 bytes.*16384/);
});
