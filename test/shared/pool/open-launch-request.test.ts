import { describe, expect, it } from "vitest";
import { openLaunches } from "../../../shared/pool/open-launch-request.ts";
import type { PoolView } from "../../../shared/pool/view.ts";
import {
  aLaunchRequest,
  anInstance,
  anOverflowInstance,
  aRequestedLaunch,
  aSpec,
  aView,
  MINUTE,
  NOW,
} from "./builders.ts";

const open = (view: PoolView) => openLaunches(view).map(({ count, zone }) => [count, zone]);
const launched = (token: string) => anOverflowInstance("serve", { record: { token } });

describe("the open part of a launch request", () => {
  it("is all of it at first", () => {
    expect(open(aView([], { request: aLaunchRequest() }))).toEqual([[3, "us-east-1a"]]);
  });

  it("excludes what has been launched since demand observed the pool", () => {
    const view = aView([launched("a"), launched("a"), launched("b")], { request: aLaunchRequest({ seen: { a: 1 } }) });
    expect(open(view)).toEqual([[1, "us-east-1a"]]);
  });

  it("includes what had been launched before that", () => {
    const view = aView([launched("a"), launched("a")], { request: aLaunchRequest({ seen: { a: 2 } }) });
    expect(open(view)).toEqual([[3, "us-east-1a"]]);
  });

  it("is limited to the free slots, and drops the last launches first", () => {
    const launches = [aRequestedLaunch(2), aRequestedLaunch(2, "us-east-1b")];
    const view = aView([anInstance("running")], {
      spec: aSpec({ poolSize: 4 }),
      request: aLaunchRequest({ launches }),
    });
    expect(open(view)).toEqual([
      [2, "us-east-1a"],
      [1, "us-east-1b"],
    ]);
  });

  it("keeps the pods of the nodes that are left", () => {
    const launches = [
      { ...aRequestedLaunch(3), pods: [["a", "b"], ["c"], ["d"]] },
      { ...aRequestedLaunch(1), pods: [["e"]] },
    ];
    const pods = (view: PoolView) => openLaunches(view).map((launch) => launch.pods);
    const request = aLaunchRequest({ launches });
    expect(pods(aView([launched("t")], { request }))).toEqual([[["c"], ["d"]], [["e"]]]);
    expect(pods(aView([anOverflowInstance("serve", { record: { token: "t", pods: ["c"] } })], { request }))).toEqual([
      [["a", "b"], ["d"]],
      [["e"]],
    ]);
    expect(pods(aView([anOverflowInstance("serve", { record: { token: "t", pods: ["e"] } })], { request }))).toEqual([
      [["a", "b"], ["c"], ["d"]],
    ]);
    expect(pods(aView([], { request, spec: aSpec({ poolSize: 2 }) }))).toEqual([[["a", "b"], ["c"]]]);
  });

  it("is empty after a minute", () => {
    expect(open(aView([], { request: aLaunchRequest({ askedAt: NOW - MINUTE }) }))).toEqual([]);
    expect(open(aView([], { request: aLaunchRequest({ askedAt: NOW - MINUTE + 1 }) }))).toEqual([[3, "us-east-1a"]]);
  });

  it("is empty without a request", () => {
    expect(open(aView())).toEqual([]);
  });
});
