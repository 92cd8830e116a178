import { describe } from "vitest";
import type { PoolView } from "../../../../shared/pool/view.ts";
import {
  aBusyInstance,
  anInstance,
  aSpec,
  aView,
  driftedStandby,
  NOW,
  SECOND,
  type SpecOverrides,
  warmupFailures,
} from "../builders.ts";
import { check } from "../decisions.ts";

const TERMINATE = "beginTransition terminating: Stale";

/** A pool without pending pods. */
const withoutPods = (spec: SpecOverrides = {}, overrides: Partial<PoolView> = {}) => ({
  spec: aSpec({ poolSize: 10, minStandby: 3, ...spec }),
  hasPendingPods: false,
  ...overrides,
});
const atATime = (maxUnavailable: number) => withoutPods({ preWarm: { refresh: { maxUnavailable } } });

const current = () => anInstance("standby");
const drifted = (count: number) => Array.from({ length: count }, driftedStandby);
const terminating = () => anInstance("terminating", { record: { reason: "Stale" }, ec2: { state: "shutting-down" } });

describe("drifted standby in a pool with free slots", () => {
  check([
    { name: "gets its replacement first", view: aView(drifted(3), withoutPods()), expected: ["launch 1"] },
    {
      name: "gets its replacement after what is missing of the standby target",
      view: aView(
        [
          ...drifted(1),
          aBusyInstance(),
          ...[1, 2].map(() => anInstance("stopping", { ec2: { state: "stopping" } })),
          anInstance("warmup", { record: { overflow: "serve" }, ec2: { state: "pending" }, node: null }),
        ],
        withoutPods({ poolSize: 6, minStandby: 4 }),
      ),
      expected: ["launch 1"],
    },
    {
      name: "is kept while its replacement warms up",
      view: aView([...drifted(3), anInstance("warmup")], withoutPods()),
      expected: [],
    },
    {
      name: "is terminated when its replacement is standby",
      view: aView([current(), ...drifted(3)], withoutPods()),
      expected: [TERMINATE],
    },
    {
      name: "is terminated one instance at a time",
      view: aView([current(), current(), ...drifted(2), terminating()], withoutPods()),
      expected: [],
    },
    {
      name: "is replaced as many at a time as maxUnavailable allows",
      view: aView(drifted(3), atATime(2)),
      expected: ["launch 2"],
    },
    { name: "is kept if maxUnavailable is 0", view: aView(drifted(3), atATime(0)), expected: [] },
    {
      name: "is kept while running instances leave too little standby",
      view: aView([...drifted(1), aBusyInstance(), aBusyInstance()], withoutPods({ poolSize: 5 })),
      expected: ["launch 2"],
    },
    {
      name: "is terminated without a replacement if the pool needs no standby",
      view: aView(drifted(2), withoutPods({ minStandby: 0 })),
      expected: [TERMINATE],
    },
  ]);
});

describe("drifted standby in a full pool", () => {
  const full = withoutPods({ poolSize: 3 });
  check([
    { name: "is terminated before its replacement is launched", view: aView(drifted(3), full), expected: [TERMINATE] },
    {
      name: "is kept while another one is terminating",
      view: aView([...drifted(2), terminating()], full),
      expected: [],
    },
    {
      name: "is kept while a replacement warms up",
      view: aView([...drifted(2), anInstance("warmup")], full),
      expected: [],
    },
  ]);
});

describe("drifted standby is kept", () => {
  check([
    {
      name: "while pods are pending that it could serve",
      view: aView(drifted(3), withoutPods({}, { hasPendingPods: true })),
      expected: [],
    },
    {
      name: "while pending pods have not been listed",
      view: aView(drifted(3), withoutPods({}, { hasPendingPods: undefined })),
      expected: [],
    },
    {
      name: "while nothing can be launched from the class",
      view: aView(drifted(3), withoutPods({}, { nodeClass: { kind: "missing" }, fingerprint: undefined })),
      expected: [],
    },
    {
      name: "while the pool is paused",
      view: aView(drifted(2), withoutPods({ minStandby: 1, paused: true })),
      expected: [],
    },
    {
      name: "without a replacement while the pool is paused",
      view: aView(drifted(3), withoutPods({ paused: true })),
      expected: [],
    },
  ]);
});

describe("a pool that is being deleted", () => {
  check([
    { name: "replaces nothing", view: aView([], withoutPods({}, { deleting: true })), expected: ["dropFinalizer"] },
  ]);
});

describe("while new instances fail to warm up", () => {
  const failures = warmupFailures({ fingerprint: "current" });
  const oneReplaced = () => [current(), ...drifted(3)];
  check([
    {
      name: "drifted standby is kept",
      view: aView(oneReplaced(), withoutPods({}, { warmupFailures: failures })),
      expected: [],
    },
    {
      name: "the replacement is launched again after the backoff",
      view: aView(drifted(3), withoutPods({}, { warmupFailures: { ...failures, failedAt: NOW - 30 * SECOND } })),
      expected: ["launch 1"],
    },
    {
      name: "failures of another launch configuration do not count",
      view: aView(oneReplaced(), withoutPods({}, { warmupFailures: { ...failures, fingerprint: "outdated" } })),
      expected: [TERMINATE],
    },
  ]);
});
