/** Of pools that need equally many nodes, the one that leaves least unused starts them. */
import { describe, expect, it } from "vitest";
import { anOffering, aPool, aTemplate, nodesOf, pods } from "./builders.ts";

const SMALL = { cpu: "2", memory: "8Gi", pods: "10" };
const LARGE = { cpu: "8", memory: "32Gi", pods: "50" };
const GPU = { ...SMALL, "nvidia.com/gpu": "1" };

const poolsOf = (nodes: Readonly<Record<string, readonly string[]>>) =>
  [...new Set(Object.keys(nodes).map((name) => name.charAt(0)))].join();

describe("among pools that need equally many nodes", () => {
  it.each([
    { name: "smaller nodes come first", pools: [aPool("a", 3, LARGE), aPool("b", 3, SMALL)], count: 1, cpu: "1" },
    {
      name: "nodes without a device that the pods do not ask for come first",
      pools: [aPool("a", 3, GPU), aPool("b", 3, SMALL)],
      count: 2,
      cpu: "2",
    },
    {
      name: "the first by name comes first if they leave the same",
      pools: [aPool("b", 3), aPool("a", 3)],
      count: 1,
      cpu: "1",
      expected: "a",
    },
  ])("$name", ({ pools, count, cpu, expected = "b" }) => {
    expect(poolsOf(nodesOf({ pods: pods(count, { cpu }), pools }))).toBe(expected);
  });

  it("the number of nodes that a pool has does not matter", () => {
    const nodes = nodesOf({ pods: pods(6, { cpu: "1500m" }), pools: [aPool("a", 5, LARGE), aPool("b", 1, SMALL)] });
    expect(Object.keys(nodes)).toEqual(["a0", "a1"]);
  });

  it("what counts is what is left for each pod", () => {
    const pools = [aPool("a", 1, GPU), aPool("b", 5, SMALL)];
    expect(Object.keys(nodesOf({ pods: pods(3, { cpu: "2" }), pools }))).toEqual(["b0", "b1", "b2"]);
  });

  it("nodes whose size is unknown come last", () => {
    const unknown = {
      ...aPool("a", 0),
      template: aTemplate({ estimates: new Map() }),
      launchCapacity: { maxNodes: 3, offerings: [anOffering({ zone: "a" })] },
    };
    const known = { ...aPool("b", 0), launchCapacity: { maxNodes: 3, offerings: [anOffering({ zone: "b" })] } };
    expect(poolsOf(nodesOf({ pods: pods(1, { cpu: "1" }), pools: [unknown, known] }))).toBe("b");
  });
});
