import { expect, test } from "vitest";
import { nodeClassProblem } from "../../../shared/nodeclass/validate-spec.ts";

const spec = { instanceType: "m5.large", userData: "#!/bin/bash\n" };

test("the cluster's own region, given or not, is fine", () => {
  expect(nodeClassProblem(spec, "us-east-1")).toBeUndefined();
  expect(nodeClassProblem({ ...spec, region: "us-east-1" }, "us-east-1")).toBeUndefined();
});

test("another region than the cluster's is a problem", () => {
  expect(nodeClassProblem({ ...spec, region: "eu-west-1" }, "us-east-1")).toMatch(/region is eu-west-1.*us-east-1/);
});

test("user data is measured in bytes, not in characters as the API server does", () => {
  expect(nodeClassProblem({ ...spec, userData: "é".repeat(8192) }, "us-east-1")).toBeUndefined();
  expect(nodeClassProblem({ ...spec, userData: "é".repeat(8193) }, "us-east-1")).toMatch(/16386 bytes.*16384/);
});
