import { describe, expect, it } from "vitest";
import type { WarmupFailures } from "../../../shared/model/warmup-failures.ts";
import { plan } from "../../../shared/pool/plan.ts";
import { statusOf } from "../../../shared/pool/status.ts";
import type { Instance } from "../../../shared/pool/view.ts";
import { anInstance, aSpec, aView, NOW } from "./builders.ts";
import { check, wakes } from "./decisions.ts";

const aTrouble = (overrides: Partial<WarmupFailures> = {}): WarmupFailures => ({
  failures: 1,
  failedAt: NOW - 10_000,
  reason: "NodeNeverRegistered",
  message: "i-1 is replaced: its node never registered",
  ...overrides,
});

const spec = aSpec({ minStandby: 1 });
const inTrouble = (overrides: Partial<WarmupFailures> = {}) => aView([], { spec, warmupFailures: aTrouble(overrides) });

const failed = (stateSince: number) =>
  anInstance("warmup", { ec2: { state: "stopped" }, node: null, record: { stateSince } });
const remembered = (warmupFailures: WarmupFailures | undefined, ...instances: Instance[]) =>
  plan(aView(instances, { warmupFailures })).flatMap((action) =>
    action.kind === "recordWarmupFailures" ? [action.failures?.failures] : [],
  );

describe("a failed warmup", () => {
  it("is counted", () => {
    expect(remembered(undefined, failed(NOW - 60_000))).toEqual([1]);
    expect(remembered(aTrouble(), failed(NOW - 5_000))).toEqual([2]);
  });

  it("is counted once for all instances of its launch", () => {
    expect(remembered(undefined, failed(NOW - 60_000), failed(NOW - 60_000))).toEqual([1, 1]);
    expect(remembered(aTrouble(), failed(NOW - 60_000))).toEqual([1]);
  });

  it("is remembered in a few words, however many the node has for it", () => {
    const annotations = { "stratos.sh/warmup-outcome": `Failed: ${"x".repeat(100_000)}` };
    const view = aView([anInstance("warmup", { ec2: { state: "stopped" }, node: { annotations } })]);
    const troubles = plan(view).flatMap((action) => (action.kind === "recordWarmupFailures" ? [action.failures] : []));
    expect(troubles[0]?.message).toHaveLength(1024);
  });

  it("is forgotten once a warmup succeeds", () => {
    const done = anInstance("warmup", { ec2: { state: "stopped" } });
    expect(remembered(aTrouble({ failures: 7 }), done)).toEqual([undefined]);
    expect(remembered(undefined, done)).toEqual([]);
  });
});

describe("launches after a failed warmup", () => {
  check([
    { name: "wait", view: inTrouble(), does: [] },
    { name: "go on after half a minute", view: inTrouble({ failedAt: NOW - 30_000 }), does: ["launch 1"] },
    { name: "wait twice as long each time", view: inTrouble({ failures: 4, failedAt: NOW - 239_000 }), does: [] },
    { name: "and no longer than that", view: inTrouble({ failures: 4, failedAt: NOW - 240_000 }), does: ["launch 1"] },
    {
      name: "never wait longer than half an hour",
      view: inTrouble({ failures: 500, failedAt: NOW - 1_800_000 }),
      does: ["launch 1"],
    },
  ]);

  it("are looked at again when they have waited", () => {
    expect(wakes(inTrouble())).toEqual([20_000]);
  });

  it("show that, and why, in the pool's status", () => {
    const degraded = statusOf(inTrouble({ failures: 3 })).conditions.find(({ type }) => type === "Degraded");
    expect(degraded).toMatchObject({
      status: "True",
      reason: "WarmupFailing",
      message:
        "NodeNeverRegistered: i-1 is replaced: its node never registered; after 3 in a row the next launch is not before 2026-03-01T12:01:50Z",
    });
  });
});
