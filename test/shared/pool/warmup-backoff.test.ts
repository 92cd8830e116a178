import { describe, expect, it } from "vitest";
import type { WarmupFailures } from "../../../shared/model/warmup-failures.ts";
import { plan } from "../../../shared/pool/plan.ts";
import { statusOf } from "../../../shared/pool/status.ts";
import type { Instance } from "../../../shared/pool/view.ts";
import { anInstance, aSpec, aView, MINUTE, NOW, SECOND, warmupFailures } from "./builders.ts";
import { check, failureCounts, requeues } from "./decisions.ts";

describe("a failed warmup", () => {
  const failed = (launchedAt: number) =>
    anInstance("warmup", { ec2: { state: "stopped" }, node: null, record: { stateSince: launchedAt } });
  const counts = (earlier: WarmupFailures | undefined, ...instances: Instance[]) =>
    failureCounts(aView(instances, { warmupFailures: earlier }));

  it("is counted", () => {
    expect(counts(undefined, failed(NOW - MINUTE))).toEqual([1]);
    expect(counts(warmupFailures(), failed(NOW - 5 * SECOND))).toEqual([2]);
  });

  it("is counted once for all instances of its launch", () => {
    expect(counts(undefined, failed(NOW - MINUTE), failed(NOW - MINUTE))).toEqual([1, 1]);
    expect(counts(warmupFailures(), failed(NOW - MINUTE))).toEqual([1]);
  });

  it("is recorded with at most 1024 characters of what the node reports", () => {
    const annotations = { "stratos.sh/warmup-outcome": `Failed: ${"x".repeat(100_000)}` };
    const view = aView([anInstance("warmup", { ec2: { state: "stopped" }, node: { annotations } })]);
    const recorded = plan(view).flatMap((action) => (action.kind === "recordWarmupFailures" ? [action.failures] : []));
    expect(recorded[0]?.message).toHaveLength(1024);
  });
});

describe("after a failed warmup the next launch", () => {
  const failing = (overrides: Partial<WarmupFailures> = {}) =>
    aView([], { spec: aSpec({ minStandby: 1 }), warmupFailures: warmupFailures(overrides) });
  check([
    { name: "waits", view: failing(), expected: [] },
    { name: "follows after 30 s", view: failing({ failedAt: NOW - 30 * SECOND }), expected: ["launch 1"] },
    {
      name: "waits twice as long after each further failure",
      view: failing({ failures: 4, failedAt: NOW - 239 * SECOND }),
      expected: [],
    },
    {
      name: "waits no longer than that",
      view: failing({ failures: 4, failedAt: NOW - 240 * SECOND }),
      expected: ["launch 1"],
    },
    {
      name: "never waits longer than half an hour",
      view: failing({ failures: 500, failedAt: NOW - 30 * MINUTE }),
      expected: ["launch 1"],
    },
  ]);

  it("is due when the backoff is over", () => {
    expect(requeues(failing())).toEqual([20 * SECOND]);
  });

  it("is shown in the status of the pool, with the reason", () => {
    const degraded = statusOf(failing({ failures: 3 })).conditions.find(({ type }) => type === "Degraded");
    expect(degraded).toMatchObject({
      status: "True",
      reason: "WarmupFailing",
      message:
        "NodeNeverRegistered: i-1 is replaced: its node never registered; after 3 in a row the next launch is not before 2026-03-01T12:01:50Z",
    });
  });
});
