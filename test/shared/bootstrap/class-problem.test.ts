import { expect, test } from "vitest";
import { templateProblem } from "../../../shared/bootstrap/class-problem.ts";
import { customPart } from "../../../shared/bootstrap/custom-part.ts";
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

test.each([
  ["#cloud-boothook", "#cloud-boothook\necho", "a #cloud-boothook"],
  ["#include", "\n#include\nhttps://example.com/script", "an #include"],
  ["#include-once", "#include-once\nhttps://example.com/script", "an #include"],
  ["#part-handler", "#part-handler\n", "a #part-handler"],
  ["#cloud-config-archive", "#cloud-config-archive\n- a\n", "a #cloud-config-archive"],
  ["a jinja template", "## template: jinja\n#cloud-config\n", "a template"],
  ["base64 of a script", Buffer.from("#!/bin/bash\necho\n").toString("base64"), "base64"],
  ["base64 of gzip", `H4sIAAAAAAAAA0vOz0vLLMlNzCsBAA==\n`, "base64"],
  ["base64 of MIME", Buffer.from("MIME-Version: 1.0\n").toString("base64"), "base64"],
  ["PowerShell", "<powershell>\nStop-Computer\n</powershell>", "a Windows script"],
  ["MIME after a blank line", "\nMIME-Version: 1.0\n", "a whole MIME document"],
  ["MIME after a comment", "# ours\nContent-Type: multipart/mixed\n", "a whole MIME document"],
])("%s is refused by name", (_, customUserData, name) => {
  for (const bootstrapTemplate of ["AL2", "AL2023"] as const)
    expect(problemOf({ bootstrapTemplate, customUserData })).toMatch(
      `customUserData is ${name}; with bootstrapTemplate`,
    );
});

const NODE_CONFIG = "application/node.eks.aws";
test.each([
  ["NodeConfig with quotes", 'apiVersion: "node.eks.aws/v1alpha1"\nkind: "NodeConfig"\n', NODE_CONFIG],
  ["NodeConfig in JSON", '{"kind": "NodeConfig",\n "apiVersion": "node.eks.aws/v1alpha1"}', NODE_CONFIG],
  [
    "NodeConfig with spec first",
    "# ours\n---\n\nspec:\n  kubelet: {}\napiVersion: node.eks.aws/v1alpha1\n",
    NODE_CONFIG,
  ],
  ["NodeConfig with metadata first", "metadata:\n  name: x\nkind: NodeConfig", NODE_CONFIG],
  ["cloud-config after a blank line", "\n#cloud-config\npackages: [htop]\n", "text/cloud-config"],
  ["a script after a blank line", "\n#!/bin/sh\necho\n", "text/x-shellscript"],
  ["a command that is valid base64", "echo", "text/x-shellscript"],
  ["a script about an include", "echo '#include'\n", "text/x-shellscript"],
  ["a script that begins with a comment", "# MIME-Version: is not a header here\necho\n", "text/x-shellscript"],
  ["a script with a NodeConfig inside", "kind=x\ncat <<END\nkind: NodeConfig\nEND\n", "text/x-shellscript"],
])("%s is recognized", (_, customUserData, type) => {
  expect(problemOf({ customUserData })).toBeUndefined();
  expect(customPart(customUserData).type).toBe(type);
  expect(customPart(customUserData).body).toMatch(type === NODE_CONFIG ? /node\.eks|NodeConfig/ : /^#/);
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
