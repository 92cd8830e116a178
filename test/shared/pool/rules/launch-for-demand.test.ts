import { describe, expect, it } from "vitest";
import { plan } from "../../../../shared/pool/plan.ts";
import {
  aLaunchRequest,
  anEc2,
  aRequestedLaunch,
  aSpec,
  aView,
  MINUTE,
  NOW,
  SECOND,
  warmupFailures,
} from "../builders.ts";
import { check } from "../decisions.ts";

const request = aLaunchRequest();
const spec = aSpec({ poolSize: 4, minStandby: 2 });

describe("a launch request", () => {
  check([
    {
      name: "is fulfilled before standby is replenished, which gets the remaining slots",
      view: aView([], { spec, request }),
      expected: ["fulfilLaunchRequest", "launch 1"],
    },
    {
      name: "is not fulfilled while the class is missing",
      view: aView([], { spec, request, nodeClass: { kind: "missing" } }),
      expected: [],
    },
    {
      name: "is not fulfilled while warmups fail",
      view: aView([], { request, warmupFailures: warmupFailures({ failedAt: NOW - 30 * SECOND + 1 }) }),
      expected: [],
    },
    {
      name: "is fulfilled once the backoff after a failed warmup is over",
      view: aView([], { request, warmupFailures: warmupFailures({ failedAt: NOW - 30 * SECOND }) }),
      expected: ["fulfilLaunchRequest"],
    },
    {
      name: "is not fulfilled before orphans have their slots",
      view: aView([], { request, orphans: [anEc2("stopped")] }),
      expected: ["adopt as standby"],
    },
    {
      name: "is not fulfilled while the pool is paused",
      view: aView([], { spec: aSpec({ paused: true }), request }),
      expected: [],
    },
    {
      name: "is not fulfilled for a pool that is being deleted",
      view: aView([], { request, deleting: true, finalizers: [] }),
      expected: [],
    },
  ]);

  const launches = (view: ReturnType<typeof aView>) => plan(view).filter(({ kind }) => kind === "fulfilLaunchRequest");

  it("names what is launched for it", () => {
    expect(launches(aView([], { request }))).toEqual([
      { kind: "fulfilLaunchRequest", request: "request", launches: [aRequestedLaunch(3)] },
    ]);
  });

  it("is removed without a launch once it has expired", () => {
    expect(launches(aView([], { request: aLaunchRequest({ askedAt: NOW - MINUTE }) }))).toEqual([
      { kind: "fulfilLaunchRequest", request: "request", launches: [] },
    ]);
  });
});
