import { expect, it } from "vitest";
import { bySite } from "../../../shared/reconcilers/by-site.ts";
import { reconcileBySite } from "../../../shared/reconcilers/runtime.ts";

const SITES = [
  { region: "us-east-1", clusters: ["a", "b"] },
  { region: "eu-west-1", account: "222222222222", clusters: ["c"] },
];

it("clusters of one site share what is made for it, once", () => {
  const made: string[] = [];
  const at = bySite(SITES, ({ region }) => {
    made.push(region);
    return { region };
  });
  expect(at("a")).toBe(at("b"));
  expect(at("c")).toEqual({ region: "eu-west-1" });
  expect(made).toEqual(["us-east-1", "eu-west-1"]);
});

it("a cluster that is not served is named, with those that are", () => {
  expect(() => bySite(SITES, () => 1)("d")).toThrow('cluster: found "d", this deployment serves a, b, c');
});

it("each key is reconciled at the site of its cluster", async () => {
  const reconciled: string[] = [];
  const reconcile = reconcileBySite(SITES, ({ region }) => async ({ key }) => {
    reconciled.push(`${key} in ${region}`);
    return {};
  });
  const lease = { fence: 1, now: () => 0, assertHeld: () => {} };
  for (const key of ["c", "a/workers", "c/workers"]) await reconcile({ ...lease, key });
  expect(reconciled).toEqual(["c in eu-west-1", "a/workers in us-east-1", "c/workers in eu-west-1"]);
});
