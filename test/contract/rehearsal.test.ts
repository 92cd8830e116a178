/** `npm run rehearse` and its expected results. */
import { beforeAll, describe, expect, test } from "vitest";
import { type Rehearsal, rehearse } from "../rehearsal/rehearse.ts";
import { problemsOf, report } from "../rehearsal/report.ts";

/** It takes 20 s on an idle machine. */
const LIMIT_MS = 300_000;

describe("a rehearsed deployment", () => {
  let rehearsal: Rehearsal;
  beforeAll(async () => {
    rehearsal = await rehearse(() => {});
  }, LIMIT_MS);

  test("has a template in which cfn-lint finds no error", () => {
    expect(rehearsal.findings.filter(({ level }) => level === "Error")).toEqual([]);
  });

  test("creates what the template declares, and leaves only what the template retains", () => {
    expect(problemsOf(rehearsal)).toEqual([]);
    expect(rehearsal.comparison.created.length).toBeGreaterThan(40);
    expect(rehearsal.left.kept).toEqual([expect.stringMatching(/^table Stratos-StratosState/)]);
  });

  test("shows no difference from itself, and the added cluster in a diff with one more cluster", () => {
    expect(rehearsal.diff.same).toContain("Number of stacks with differences: 0");
    expect(rehearsal.diff.moreClusters).toContain("another-cluster");
  });

  test("reports what moto left out", () => {
    const text = report(rehearsal);
    for (const { type } of rehearsal.comparison.skipped) expect(text).toContain(type);
    for (const { property } of rehearsal.comparison.differences) expect(text).toContain(property);
  });
});
