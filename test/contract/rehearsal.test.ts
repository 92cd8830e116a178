/** `npm run rehearse`, with what it must come to. */
import { beforeAll, describe, expect, test } from "vitest";
import { type Rehearsal, rehearse } from "../rehearsal/rehearse.ts";
import { problemsOf, report } from "../rehearsal/report.ts";

/** It takes 20 s on a machine that does nothing else. */
const LIMIT_MS = 300_000;

describe("a rehearsed deployment", () => {
  let rehearsal: Rehearsal;
  beforeAll(async () => {
    rehearsal = await rehearse(() => {});
  }, LIMIT_MS);

  test("has a template in which cfn-lint finds no error", () => {
    expect(rehearsal.findings.filter(({ level }) => level === "Error")).toEqual([]);
  });

  test("creates what the template says, and leaves nothing behind but what it wants kept", () => {
    expect(problemsOf(rehearsal)).toEqual([]);
    expect(rehearsal.comparison.created.length).toBeGreaterThan(40);
    expect(rehearsal.left.kept).toEqual([expect.stringMatching(/^table Stratos-State/)]);
  });

  test("differs from itself in nothing, and from one with another cluster by that cluster", () => {
    expect(rehearsal.diff.same).toContain("Number of stacks with differences: 0");
    expect(rehearsal.diff.moreClusters).toContain("another-cluster");
  });

  test("tells what moto did not do", () => {
    const text = report(rehearsal);
    for (const { type } of rehearsal.comparison.skipped) expect(text).toContain(type);
    for (const { property } of rehearsal.comparison.differences) expect(text).toContain(property);
  });
});
