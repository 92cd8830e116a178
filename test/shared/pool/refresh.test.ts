import { describe, expect, it } from "vitest";
import type { PoolSpec } from "../../../shared/model/api/pool-spec.ts";
import { isRefreshDue } from "../../../shared/pool/drift.ts";
import type { PoolView } from "../../../shared/pool/view.ts";
import { anInstance, aPod, aSpec, aView, NOW } from "./builders.ts";
import { check, summary } from "./decisions.ts";

const DAY = 24 * 3_600_000;

const spec = (overrides: Partial<PoolSpec["preWarm"]> = {}, pool: Partial<PoolSpec> = {}) =>
  aSpec({ poolSize: 10, minStandby: 3, preWarm: { ...aSpec().preWarm, ...overrides }, ...pool });

const fresh = () => anInstance("standby");
const stale = () => anInstance("standby", { record: { fingerprint: "made-before" } });
const busy = () => anInstance("running", { pods: [aPod("p")] });
const ending = () => anInstance("terminating", { record: { reason: "Stale" }, ec2: { state: "shutting-down" } });
const quiet = (overrides: Partial<PoolView> = {}) => ({ spec: spec(), hasPendingPods: false, ...overrides });
const END = "beginTransition terminating: Stale";

describe("standby made from what the class is no longer", () => {
  const full = quiet({ spec: spec({}, { poolSize: 3 }) });
  check([
    { name: "gets its replacement first", view: aView([stale(), stale(), stale()], quiet()), does: ["launch 1"] },
    {
      name: "stays until its replacement is warm",
      view: aView([stale(), stale(), stale(), anInstance("warmup")], quiet()),
      does: [],
    },
    {
      name: "ends when its replacement is standby",
      view: aView([fresh(), stale(), stale(), stale()], quiet()),
      does: [END],
    },
    {
      name: "ends one at a time",
      view: aView([fresh(), fresh(), stale(), stale(), ending()], quiet()),
      does: [],
    },
    { name: "ends first where the pool has no room", view: aView([stale(), stale(), stale()], full), does: [END] },
    { name: "ends no further while one is missing", view: aView([stale(), stale(), ending()], full), does: [] },
    {
      name: "waits for its replacement there, too",
      view: aView([stale(), stale(), anInstance("warmup")], full),
      does: [],
    },
    {
      name: "is replaced as many at a time as the pool says",
      view: aView([stale(), stale(), stale()], quiet({ spec: spec({ refresh: { maxUnavailable: 2 } }) })),
      does: ["launch 2"],
    },
    {
      name: "stays where the pool says so",
      view: aView([stale(), stale(), stale()], quiet({ spec: spec({ refresh: { maxUnavailable: 0 } }) })),
      does: [],
    },
    {
      name: "stays while pods wait that it could serve",
      view: aView([stale(), stale(), stale()], quiet({ hasPendingPods: true })),
      does: [],
    },
    {
      name: "stays while nobody has looked whether pods wait",
      view: aView([stale(), stale(), stale()], quiet({ hasPendingPods: undefined })),
      does: [],
    },
    {
      name: "stays while what was started leaves too little of it",
      view: aView([stale(), busy(), busy()], quiet({ spec: spec({}, { poolSize: 5 }) })),
      does: ["launch 2"],
    },
    {
      name: "is not replaced where none is wanted",
      view: aView([stale(), stale()], quiet({ spec: spec({}, { minStandby: 0 }) })),
      does: [END],
    },
    {
      name: "stays while the class cannot be launched from",
      view: aView([stale(), stale(), stale()], quiet({ nodeClass: { kind: "missing" }, fingerprint: undefined })),
      does: [],
    },
    {
      name: "stays in a pool that goes away as a whole",
      view: aView([], quiet({ deleting: true })),
      does: ["dropFinalizer"],
    },
  ]);
});

describe("standby of unknown origin", () => {
  const unknown = () => anInstance("standby", { record: { fingerprint: undefined } });
  check([{ name: "is let be", view: aView([unknown(), unknown(), unknown()], quiet()), does: [] }]);
});

describe("standby that is old", () => {
  const old = (record: object) => anInstance("standby", { record });
  const aged = quiet({ spec: spec({ maxAgeMs: 30 * DAY }, { minStandby: 1 }) });
  const annotations = {
    "stratos.sh/own-taints": "stratos.sh/not-ready:NoSchedule,stratos.sh/standby:NoExecute",
    "stratos.sh/warmup-completed": new Date(NOW - 30 * DAY).toISOString(),
  };
  check([
    { name: "is replaced", view: aView([old({ warmedAt: NOW - 30 * DAY })], aged), does: ["launch 1"] },
    { name: "is not before its time", view: aView([old({ warmedAt: NOW - 29 * DAY })], aged), does: [] },
    {
      name: "and whose record was lost is known by its node",
      view: aView([anInstance("standby", { node: { annotations } })], aged),
      does: ["launch 1"],
    },
    {
      name: "is let be where age does not matter",
      view: aView([old({ warmedAt: NOW - 999 * DAY })], quiet({ spec: spec({}, { minStandby: 1 }) })),
      does: [],
    },
  ]);
});

describe("standby that served before its warmup was over", () => {
  const images = ["example.com/model:v1"];
  const node = {
    annotations: { "stratos.sh/own-taints": "stratos.sh/not-ready:NoSchedule,stratos.sh/standby:NoExecute" },
  };
  const served = (pulled: readonly string[]) =>
    anInstance("standby", { record: { overflow: "serve", images }, node: { ...node, images: pulled } });
  const one = (overrides: Partial<PoolSpec["preWarm"]> = {}) => quiet({ spec: spec(overrides, { minStandby: 1 }) });
  check([
    { name: "and lacks an image is replaced", view: aView([served([])], one()), does: ["launch 1"] },
    { name: "and has them all is kept", view: aView([served(images)], one()), does: [] },
    {
      name: "is kept where images are wanted only",
      view: aView([served([])], one({ imagePullPolicy: "BestEffort" })),
      does: [],
    },
  ]);
});

describe("new instances that fail to warm up", () => {
  const failures = {
    failures: 1,
    failedAt: NOW - 10_000,
    reason: "Timeout",
    message: "",
    fingerprint: "made-now",
  } as const;
  const four = () => [fresh(), stale(), stale(), stale()];
  check([
    { name: "let outdated standby live", view: aView(four(), quiet({ warmupFailures: failures })), does: [] },
    {
      name: "are tried again later",
      view: aView([stale(), stale(), stale()], quiet({ warmupFailures: { ...failures, failedAt: NOW - 30_000 } })),
      does: ["launch 1"],
    },
    {
      name: "say nothing of instances made from something else",
      view: aView(four(), quiet({ warmupFailures: { ...failures, fingerprint: "made-before" } })),
      does: [END],
    },
  ]);
});

it("pods are counted only when something would be replaced", () => {
  expect(isRefreshDue(aView([stale(), stale(), stale()], quiet()))).toBe(true);
  expect(isRefreshDue(aView([stale(), stale(), stale(), anInstance("warmup")], quiet()))).toBe(false);
  expect(isRefreshDue(aView([fresh(), fresh(), fresh()], quiet()))).toBe(false);
  expect(isRefreshDue(aView([stale()], quiet({ spec: spec({}, { paused: true }) })))).toBe(false);
});

it("outdated standby is renewed to the last, and never fewer than minStandby are ready", () => {
  let instances = [stale(), stale(), stale()];
  let ended = 0;
  for (let round = 0; round < 20; round += 1) {
    const [decision] = summary(aView(instances, quiet()));
    if (decision === undefined) break;
    if (decision === END) {
      ended += 1;
      instances = instances.toSpliced(
        instances.findIndex(({ record }) => record.fingerprint === "made-before"),
        1,
      );
    } else instances = [...instances, fresh()];
    expect(instances.length).toBeGreaterThanOrEqual(3);
  }
  expect(ended).toBe(3);
  expect(instances.map(({ record }) => record.fingerprint)).toEqual(["made-now", "made-now", "made-now"]);
});
