import { describe, expect, it } from "vitest";
import type { Toleration } from "../../../shared/model/kubernetes/objects.ts";
import type { NodeSelectorTerm, Requirement } from "../../../shared/model/kubernetes/scheduling.ts";
import { incompatibility } from "../../../shared/scheduling/node-compatibility.ts";

const node = {
  name: "node-1",
  labels: { "topology.kubernetes.io/zone": "us-east-1a", cpus: "8", team: "ci" },
  taints: [
    { key: "team", value: "ci", effect: "NoSchedule" },
    { key: "cheap", effect: "PreferNoSchedule" },
  ],
};
const tolerations: readonly Toleration[] = [{ key: "team", operator: "Exists" }];

const reasonFor = (spec: object): string | undefined => incompatibility({ containers: [], tolerations, ...spec }, node);

const inTerms = (...nodeSelectorTerms: readonly NodeSelectorTerm[]) => ({
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
});
const requiring = (...matchExpressions: readonly Requirement[]) => inTerms({ matchExpressions });

describe("a pod is compatible with a node", () => {
  it.each([
    { name: "has no rules", spec: {} },
    { name: "selects a label of the node", spec: { nodeSelector: { team: "ci" } } },
    { name: "requires one of several values", spec: requiring({ key: "team", operator: "In", values: ["web", "ci"] }) },
    { name: "excludes another value", spec: requiring({ key: "team", operator: "NotIn", values: ["web"] }) },
    {
      name: "excludes a value of an absent label",
      spec: requiring({ key: "gpu", operator: "NotIn", values: ["a"] }),
    },
    { name: "requires a label with any value", spec: requiring({ key: "team", operator: "Exists" }) },
    { name: "requires an absent label", spec: requiring({ key: "gpu", operator: "DoesNotExist" }) },
    { name: "requires a greater number", spec: requiring({ key: "cpus", operator: "Gt", values: ["7"] }) },
    { name: "requires a smaller number", spec: requiring({ key: "cpus", operator: "Lt", values: ["9"] }) },
    {
      name: "has two terms and the second one matches",
      spec: inTerms(
        { matchExpressions: [{ key: "gpu", operator: "Exists" }] },
        { matchExpressions: [{ key: "team", operator: "Exists" }] },
      ),
    },
    {
      name: "selects the node by name",
      spec: inTerms({ matchFields: [{ key: "metadata.name", operator: "In", values: ["node-1"] }] }),
    },
    { name: "tolerates every taint", spec: { tolerations: [{ operator: "Exists" }] } },
    {
      name: "tolerates the key and value of the taint",
      spec: { tolerations: [{ key: "team", value: "ci", effect: "NoSchedule" }] },
    },
  ])("if it $name", ({ spec }) => {
    expect(reasonFor(spec)).toBeUndefined();
  });
});

describe("a pod is incompatible with a node, with the reason, if it", () => {
  it.each([
    { name: "selects another value", spec: { nodeSelector: { team: "web" } }, reason: "node selector team=web" },
    {
      name: "requires other values",
      spec: requiring({ key: "team", operator: "In", values: ["web", "db"] }),
      reason: "node affinity team in (web,db)",
    },
    {
      name: "has a term of which the node meets only one requirement",
      spec: requiring({ key: "team", operator: "Exists" }, { key: "gpu", operator: "Exists" }),
      reason: "node affinity team, gpu",
    },
    {
      name: "requires a number greater than the node's own",
      spec: requiring({ key: "cpus", operator: "Gt", values: ["8"] }),
      reason: "node affinity cpus > 8",
    },
    {
      name: "compares a value that is not a number",
      spec: requiring({ key: "team", operator: "Lt", values: ["9"] }),
      reason: "node affinity team < 9",
    },
    {
      name: "compares an absent label",
      spec: requiring({ key: "gpu", operator: "Lt", values: ["9"] }),
      reason: "node affinity gpu < 9",
    },
    {
      name: "requires a present label to be absent",
      spec: requiring({ key: "team", operator: "DoesNotExist" }),
      reason: "node affinity !team",
    },
    { name: "has a term without requirements", spec: inTerms({}), reason: "node affinity that selects nothing" },
    {
      name: "selects another node by name, or a missing label",
      spec: inTerms(
        { matchFields: [{ key: "metadata.name", operator: "In", values: ["node-2"] }] },
        { matchExpressions: [{ key: "gpu", operator: "Exists" }] },
      ),
      reason: "node affinity metadata.name in (node-2) or gpu",
    },
    { name: "has no tolerations", spec: { tolerations: [] }, reason: "untolerated taint team=ci:NoSchedule" },
    {
      name: "tolerates another effect",
      spec: { tolerations: [{ key: "team", operator: "Exists", effect: "NoExecute" }] },
      reason: "untolerated taint team=ci:NoSchedule",
    },
    {
      name: "tolerates by Lt, which is off by default",
      spec: { tolerations: [{ key: "team", operator: "Lt", value: "ci" }] },
      reason: "untolerated taint team=ci:NoSchedule",
    },
  ])("$name", ({ spec, reason }) => {
    expect(reasonFor(spec)).toBe(reason);
  });
});
