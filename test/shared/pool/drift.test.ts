import { describe, expect, it } from "vitest";
import type { PoolSpec } from "../../../shared/model/api/pool-spec.ts";
import { rfc3339 } from "../../../shared/model/time.ts";
import { isRefreshDue } from "../../../shared/pool/drift.ts";
import type { Instance } from "../../../shared/pool/view.ts";
import { anInstance, aSpec, aView, DAY, driftedStandby, NOW, type SpecOverrides } from "./builders.ts";
import { check } from "./decisions.ts";
import { OWN } from "./standby-node.ts";

/** A pool without pending pods. */
const pool = (instances: readonly Instance[], spec: SpecOverrides = {}) =>
  aView(instances, { spec: aSpec({ minStandby: 1, ...spec }), hasPendingPods: false });

describe("standby without a fingerprint", () => {
  const unknown = () => anInstance("standby", { record: { fingerprint: undefined } });
  check([
    {
      name: "has not drifted",
      view: pool([unknown(), unknown(), unknown()], { minStandby: 3 }),
      expected: [],
    },
  ]);
});

describe("standby with a maximum age", () => {
  const warmed = (agoMs: number) => anInstance("standby", { record: { warmedAt: NOW - agoMs } });
  const maxAge = { preWarm: { maxAgeMs: 30 * DAY } };
  const annotations = { ...OWN, "stratos.sh/warmup-completed": rfc3339(NOW - 30 * DAY) };
  check([
    { name: "has drifted at that age", view: pool([warmed(30 * DAY)], maxAge), expected: ["launch 1"] },
    { name: "has not drifted before", view: pool([warmed(29 * DAY)], maxAge), expected: [] },
    {
      name: "takes its age from its node if its record was lost",
      view: pool([anInstance("standby", { node: { annotations } })], maxAge),
      expected: ["launch 1"],
    },
    { name: "never drifts by age if the pool has no maximum", view: pool([warmed(999 * DAY)]), expected: [] },
  ]);
});

describe("standby that served before its warmup was over", () => {
  const images = ["example.com/model:v1"];
  const served = (pulled: readonly string[]) =>
    anInstance("standby", {
      record: { overflow: "serve", images },
      node: { annotations: OWN, images: pulled },
    });
  const policy = (imagePullPolicy: PoolSpec["preWarm"]["imagePullPolicy"]) => ({ preWarm: { imagePullPolicy } });
  check([
    { name: "has drifted without a required image", view: pool([served([])]), expected: ["launch 1"] },
    { name: "has not drifted with all images", view: pool([served(images)]), expected: [] },
    {
      name: "has not drifted without a best-effort image",
      view: pool([served([])], policy("BestEffort")),
      expected: [],
    },
  ]);
});

it("pending pods are listed only when an instance would be replaced", () => {
  const three = (instances: readonly Instance[]) => pool(instances, { minStandby: 3 });
  const drifted = [driftedStandby(), driftedStandby(), driftedStandby()];
  const current = [anInstance("standby"), anInstance("standby"), anInstance("standby")];
  expect(isRefreshDue(three(drifted))).toBe(true);
  expect(isRefreshDue(three([...drifted, anInstance("warmup")]))).toBe(false);
  expect(isRefreshDue(three(current))).toBe(false);
  expect(isRefreshDue(pool([driftedStandby()], { minStandby: 3, paused: true }))).toBe(false);
});
