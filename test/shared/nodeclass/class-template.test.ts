import { expect, it } from "vitest";
import { classTemplateOf } from "../../../shared/nodeclass/class-template.ts";
import { aResolvedClass } from "../reconcilers/world.ts";
import { anInstanceType } from "./builders.ts";

const facts = new Map(["m5.large", "c5.large"].map((instanceType) => [instanceType, anInstanceType({ instanceType })]));

it("estimates types from the class's status, else from EC2's facts", () => {
  const nodeClass = aResolvedClass(1, { instanceTypes: ["m5.large", "c5.large"] });
  const status = { ...nodeClass.status, estimatedAllocatable: { cpu: "1800m" } };
  const cpus = [...classTemplateOf({ ...nodeClass, status }, facts).estimates].map(([type, { cpu }]) => [type, cpu]);
  expect(cpus).toEqual([
    ["m5.large", "1800m"],
    ["c5.large", "1930m"],
  ]);
});

it("has what kubelet registers with", () => {
  const kubelet = { nodeLabels: { tier: "fast" }, nodeTaints: [{ key: "team", effect: "NoSchedule" as const }] };
  expect(classTemplateOf(aResolvedClass(1, { kubelet, architecture: "arm64" }), new Map())).toMatchObject({
    architecture: "arm64",
    labels: kubelet.nodeLabels,
    taints: kubelet.nodeTaints,
  });
});

it("knows nothing without a class", () => {
  expect(classTemplateOf(undefined, facts).estimates.size).toBe(0);
});
