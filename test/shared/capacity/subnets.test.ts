import { describe, expect, it } from "vitest";
import { chooseSubnet, withFreeAddresses } from "../../../shared/capacity/subnets.ts";

const subnet = (id: string, freeAddresses?: number) => ({
  id,
  zone: "a",
  ...(freeAddresses !== undefined && { freeAddresses }),
});

describe("instances of a zone are launched in", () => {
  it.each([
    { name: "the subnet with the most free addresses", subnets: [3, 4000, 50], taken: {}, chosen: ["s1", 4] },
    { name: "another one once that has fewer", subnets: [3, 60, 50], taken: { s1: 20 }, chosen: ["s2", 4] },
    { name: "as far as it has addresses", subnets: [1, 3], taken: {}, chosen: ["s1", 3] },
    { name: "the first one if none has any, as EC2 may know better", subnets: [0, 0], taken: {}, chosen: ["s0", 4] },
    { name: "a subnet of which nothing is known", subnets: [4000, undefined], taken: {}, chosen: ["s1", 4] },
  ])("$name", ({ subnets, taken, chosen: [subnetId, count] }) => {
    const all = subnets.map((free, index) => subnet(`s${index}`, free));
    expect(chooseSubnet(all, new Map(Object.entries(taken)), 4)).toEqual({ subnetId, count });
  });
});

it("subnets without addresses yield to others, unless there are no others", () => {
  const ids = (...free: number[]) =>
    withFreeAddresses(
      free.map((count, index) => subnet(`s${index}`, count)),
      new Map([["s1", 2]]),
    ).map(({ id }) => id);
  expect(ids(0, 2, 5)).toEqual(["s2"]);
  expect(ids(0, 2)).toEqual(["s0", "s1"]);
});
