import { expect, test } from "vitest";
import { templateProblem } from "../../../shared/bootstrap/class-problem.ts";
import type { AWSNodeClassSpec } from "../../../shared/model/api/types.ts";
import { aNodeClass, aTemplateClass } from "../nodeclass/builders.ts";

const problemOf = (spec: Partial<AWSNodeClassSpec>) => templateProblem(aTemplateClass(spec).spec);

test.each<[string, Partial<AWSNodeClassSpec>]>([
  ["a script", { customUserData: "#!/bin/sh\necho" }],
  ["a script without a first line that identifies its type", { customUserData: "echo" }],
  ["a NodeConfig", { customUserData: "apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\n" }],
  [
    "a script that writes a NodeConfig",
    { bootstrapTemplate: "AL2", customUserData: "cat <<END\nkind: NodeConfig\nEND\n" },
  ],
  [
    "a NodeConfig with its kind first",
    { customUserData: "# ours\nkind: NodeConfig\napiVersion: node.eks.aws/v1alpha1\n" },
  ],
  ["TOML for Bottlerocket", { bootstrapTemplate: "Bottlerocket", customUserData: "[settings.motd]\n" }],
  [
    "kubelet settings",
    { kubelet: { maxPods: 20, nodeLabels: { a: "b" }, extraArgs: ["--v=4", "--eviction-hard=nodefs.available<10%"] } },
  ],
  ["a label in an allowed domain", { kubelet: { nodeLabels: { "node.kubernetes.io/lifecycle": "spot" } } }],
])("accepts %s", (_, spec) => {
  expect(problemOf(spec)).toBeUndefined();
});

test.each<[string, Partial<AWSNodeClassSpec>, string]>([
  [
    "a whole MIME document",
    { customUserData: 'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="a"\n' },
    "customUserData is a whole MIME document; with bootstrapTemplate AL2023 it must be a shell script, #cloud-config or a NodeConfig",
  ],
  [
    "a disabled metadata service",
    { metadataOptions: { httpEndpoint: "disabled" } },
    "metadataOptions.httpEndpoint is disabled, but nodes with bootstrapTemplate AL2023 need the metadata service to join",
  ],
  [
    "a NodeConfig for AL2",
    { bootstrapTemplate: "AL2", customUserData: "---\napiVersion: node.eks.aws/v1alpha1\n" },
    "customUserData is a NodeConfig, which AL2 does not read; with bootstrapTemplate AL2 it must be a shell script or #cloud-config",
  ],
  [
    "a script for Bottlerocket",
    { bootstrapTemplate: "Bottlerocket", customUserData: "#!/bin/sh\npoweroff\n" },
    "customUserData is not TOML, which bootstrapTemplate Bottlerocket requires: ",
  ],
  [
    "TOML that Bottlerocket does not read",
    { bootstrapTemplate: "Bottlerocket", customUserData: "[kubernetes]\nmax-pods = 3\n" },
    "customUserData has kubernetes; Bottlerocket reads only [settings.…]",
  ],
  [
    "arguments for Bottlerocket",
    { bootstrapTemplate: "Bottlerocket", kubelet: { extraArgs: ["--v=4"] } },
    "kubelet.extraArgs is set, but Bottlerocket's kubelet takes no arguments",
  ],
  [
    "an argument that has its own field",
    { kubelet: { extraArgs: ["--node-labels=a=b"] } },
    "kubelet.extraArgs has --node-labels; set kubelet.nodeLabels instead",
  ],
  [
    "an argument with a space",
    { kubelet: { extraArgs: ["--v=4 --x"] } },
    'kubelet.extraArgs has "--v=4 --x", but an argument must be --name',
  ],
  [
    "a label that a kubelet may not set",
    { kubelet: { nodeLabels: { "node-role.kubernetes.io/ci": "" } } },
    "kubelet.nodeLabels has node-role.kubernetes.io/ci, which a kubelet may not set itself",
  ],
  [
    "an invalid taint",
    { kubelet: { nodeTaints: [{ key: "a=b", effect: "NoSchedule" }] } },
    'kubelet.nodeTaints has "a=b"',
  ],
])("rejects %s and names the field", (_, spec, message) => {
  expect(problemOf(spec)).toContain(message);
});

test("does not check userData without a template", () => {
  expect(templateProblem(aNodeClass().spec)).toBeUndefined();
});
