import { expect, test } from "vitest";
import { unusedGrants } from "../e2e/least-privilege.ts";

const aRole = (name: string, resources: string[], verbs: string[]) => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRole",
  metadata: { name },
  rules: [{ apiGroups: [""], resources, verbs }],
});

test("what is granted and not used is found, for each function in AWS, for each role in the cluster", () => {
  const granted = { pool: ["ec2:RunInstances", "ec2:StopInstances"], sweep: ["ec2:StopInstances"] };
  const manifests = [aRole("stratos-functions", ["nodes", "pods"], ["list", "delete"])];
  const used = { pool: ["ec2:RunInstances", "ec2:StopInstances", "list nodes"], demand: ["list pods", "delete pods"] };
  expect(unusedGrants(granted, manifests, used)).toEqual([
    "sweep: ec2:StopInstances",
    "stratos-functions: delete nodes",
  ]);
});
