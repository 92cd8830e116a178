import { describe, expect, it } from "vitest";
import type { LaunchRequest } from "../../../shared/model/launch-request.ts";
import { openLaunches } from "../../../shared/pool/open-launch-request.ts";
import { anInstance, aSpec, aView, NOW } from "./builders.ts";
import { check } from "./decisions.ts";

const aLaunch = (count: number, zone = "us-east-1a") => ({ instanceType: "m5.large", zone, count, demandSince: NOW });

const aRequest = (overrides: Partial<LaunchRequest> = {}): LaunchRequest => ({
  id: "request",
  askedAt: NOW - 1_000,
  launches: [aLaunch(3)],
  seen: {},
  ...overrides,
});

const overflowing = (token: string, overflow: "serve" | "warmUp" = "serve", overrides = {}) =>
  anInstance("warmup", { record: { token, overflow, reason: "Overflow" }, ...overrides });

const counts = (view: Parameters<typeof openLaunches>[0]) => openLaunches(view).map(({ count, zone }) => [count, zone]);

describe("what is left of a request", () => {
  const spec = aSpec({ poolSize: 10 });

  it("is all of it at first", () => {
    expect(counts(aView([], { spec, request: aRequest() }))).toEqual([[3, "us-east-1a"]]);
  });

  it("is less by what has been launched since demand looked", () => {
    const view = aView([overflowing("a"), overflowing("a"), overflowing("b")], {
      spec,
      request: aRequest({ seen: { a: 1 } }),
    });
    expect(counts(view)).toEqual([[1, "us-east-1a"]]);
  });

  it("does not count what demand knew of", () => {
    const view = aView([overflowing("a"), overflowing("a")], { spec, request: aRequest({ seen: { a: 2 } }) });
    expect(counts(view)).toEqual([[3, "us-east-1a"]]);
  });

  it("is cut to the slots that are free, the last wanted first", () => {
    const launches = [aLaunch(2), aLaunch(2, "us-east-1b")];
    const view = aView([anInstance("running")], { spec: aSpec({ poolSize: 4 }), request: aRequest({ launches }) });
    expect(counts(view)).toEqual([
      [2, "us-east-1a"],
      [1, "us-east-1b"],
    ]);
  });

  it("is nothing once it is old", () => {
    expect(counts(aView([], { spec, request: aRequest({ askedAt: NOW - 60_000 }) }))).toEqual([]);
  });
});

describe("demand beyond standby", () => {
  const spec = aSpec({ poolSize: 4, minStandby: 2 });
  check([
    {
      name: "is launched before standby is replenished, which takes what slots are left",
      view: aView([], { spec, request: aRequest() }),
      does: ["fulfilLaunchRequest", "launch 1"],
    },
    {
      name: "is not launched while the class is not ready",
      view: aView([], { spec, request: aRequest(), nodeClass: { kind: "missing" } }),
      does: [],
    },
    {
      name: "that warms up does not count as standby to come",
      view: aView([overflowing("a", "warmUp"), anInstance("standby")], { spec }),
      does: ["launch 1"],
    },
  ]);
});

describe("an instance launched for demand", () => {
  check([
    {
      name: "serves as soon as its node is Ready",
      view: aView([overflowing("a")]),
      does: ["beginTransition running: Overflow"],
    },
    {
      name: "is waited for until then",
      view: aView([overflowing("a", "serve", { node: { ready: false } })]),
      does: [],
    },
    {
      name: "that powers itself off is left to do so, even if its node is Ready",
      view: aView([overflowing("a", "warmUp")]),
      does: [],
    },
    {
      name: "and to become standby",
      view: aView([overflowing("a", "warmUp", { ec2: { state: "stopped" } })]),
      does: ["applyNode", "completeTransition standby: WarmupCompleted"],
    },
    {
      name: "is not stopped as if it had only warmed up",
      view: aView([overflowing("a")], {
        spec: aSpec({ preWarm: { ...aSpec().preWarm, completionMode: "ControllerStop" } }),
      }),
      does: ["beginTransition running: Overflow"],
    },
  ]);
});
