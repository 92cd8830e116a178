import { describe, expect, it } from "vitest";
import type { Action } from "../../../shared/pool/actions.ts";
import { onWholePool, pausable, type Rule } from "../../../shared/pool/rule.ts";
import { anInstance, aSpec, aView } from "./builders.ts";

const LAUNCH: Action = { kind: "launch", count: 1, reason: "Replenish" };
const launch: Rule = () => [LAUNCH];
const paused = aSpec({ paused: true });

describe("a pausable rule", () => {
  it.each([
    { pool: "a pool", view: aView(), expected: [LAUNCH] },
    { pool: "a paused pool", view: aView([], { spec: paused }), expected: [] },
    {
      pool: "a paused pool that is being deleted",
      view: aView([], { spec: paused, deleting: true }),
      expected: [LAUNCH],
    },
  ])("decides $expected.length actions for $pool", ({ view, expected }) => {
    expect(pausable(launch)(view, view)).toEqual(expected);
  });
});

it("a rule on the whole pool sees instances that earlier rules have claimed", () => {
  const seen: number[] = [];
  const rule = onWholePool((whole) => {
    seen.push(whole.instances.standby.length);
    return [];
  });
  rule(aView(), aView([anInstance("standby")]));
  expect(seen).toEqual([1]);
});
