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

const against = (spec: object): string | undefined => incompatibility({ containers: [], tolerations, ...spec }, node);

const inTerms = (...nodeSelectorTerms: readonly NodeSelectorTerm[]) => ({
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
});
const requiring = (...matchExpressions: readonly Requirement[]) => inTerms({ matchExpressions });

describe("a pod goes to a node", () => {
  it.each([
    { name: "asks for nothing", spec: {} },
    { name: "selects a label it has", spec: { nodeSelector: { team: "ci" } } },
    { name: "wants one of several values", spec: requiring({ key: "team", operator: "In", values: ["web", "ci"] }) },
    { name: "does not want another value", spec: requiring({ key: "team", operator: "NotIn", values: ["web"] }) },
    {
      name: "does not want a value of an absent label",
      spec: requiring({ key: "gpu", operator: "NotIn", values: ["a"] }),
    },
    { name: "wants a label of any value", spec: requiring({ key: "team", operator: "Exists" }) },
    { name: "wants a label to be absent", spec: requiring({ key: "gpu", operator: "DoesNotExist" }) },
    { name: "wants more than a number", spec: requiring({ key: "cpus", operator: "Gt", values: ["7"] }) },
    { name: "wants less than a number", spec: requiring({ key: "cpus", operator: "Lt", values: ["9"] }) },
    {
      name: "is satisfied by the second of two terms",
      spec: inTerms(
        { matchExpressions: [{ key: "gpu", operator: "Exists" }] },
        { matchExpressions: [{ key: "team", operator: "Exists" }] },
      ),
    },
    {
      name: "asks for it by name",
      spec: inTerms({ matchFields: [{ key: "metadata.name", operator: "In", values: ["node-1"] }] }),
    },
    { name: "tolerates everything", spec: { tolerations: [{ operator: "Exists" }] } },
    { name: "tolerates key and value", spec: { tolerations: [{ key: "team", value: "ci", effect: "NoSchedule" }] } },
  ])("when it $name", ({ spec }) => {
    expect(against(spec)).toBeUndefined();
  });
});

describe("what stands against it is named, when it", () => {
  it.each([
    { name: "selects another value", spec: { nodeSelector: { team: "web" } }, reason: "node selector team=web" },
    {
      name: "wants other values",
      spec: requiring({ key: "team", operator: "In", values: ["web", "db"] }),
      reason: "node affinity team in (web,db)",
    },
    {
      name: "meets one requirement of a term but not the other",
      spec: requiring({ key: "team", operator: "Exists" }, { key: "gpu", operator: "Exists" }),
      reason: "node affinity team, gpu",
    },
    {
      name: "wants a number above an equal one",
      spec: requiring({ key: "cpus", operator: "Gt", values: ["8"] }),
      reason: "node affinity cpus > 8",
    },
    {
      name: "compares what is no number",
      spec: requiring({ key: "team", operator: "Lt", values: ["9"] }),
      reason: "node affinity team < 9",
    },
    {
      name: "compares an absent label",
      spec: requiring({ key: "gpu", operator: "Lt", values: ["9"] }),
      reason: "node affinity gpu < 9",
    },
    {
      name: "does not want a label that is there",
      spec: requiring({ key: "team", operator: "DoesNotExist" }),
      reason: "node affinity !team",
    },
    { name: "has a term that requires nothing", spec: inTerms({}), reason: "node affinity that selects nothing" },
    {
      name: "asks for another by name, or for a label",
      spec: inTerms(
        { matchFields: [{ key: "metadata.name", operator: "In", values: ["node-2"] }] },
        { matchExpressions: [{ key: "gpu", operator: "Exists" }] },
      ),
      reason: "node affinity metadata.name in (node-2) or gpu",
    },
    { name: "tolerates nothing", spec: { tolerations: [] }, reason: "untolerated taint team=ci:NoSchedule" },
    {
      name: "tolerates another effect",
      spec: { tolerations: [{ key: "team", operator: "Exists", effect: "NoExecute" }] },
      reason: "untolerated taint team=ci:NoSchedule",
    },
    {
      name: "tolerates by comparing, which no cluster does by default",
      spec: { tolerations: [{ key: "team", operator: "Lt", value: "ci" }] },
      reason: "untolerated taint team=ci:NoSchedule",
    },
  ])("$name", ({ spec, reason }) => {
    expect(against(spec)).toBe(reason);
  });
});
