import { describe, expect, it } from "vitest";
import { anInstance, aPod, aSpec, aView, MINUTE, NOW } from "../builders.ts";
import { check, events, recordChanges, requeues } from "../decisions.ts";

const record = { startedAt: NOW - 90 * MINUTE, readyAt: NOW - 89 * MINUTE };
const REPLACE = "beginTransition terminating: NodeUnready";

const ready = () => anInstance("running", { record, pods: [aPod("p")] });

const unready = (minutes: number) =>
  anInstance("running", {
    record,
    node: { ready: false, readySince: NOW - minutes * MINUTE },
    pods: [aPod("p", { deleting: true })],
  });

describe("a running node that is no longer Ready", () => {
  check([
    { name: "has half an hour to recover", view: aView([unready(29)]), expected: [] },
    { name: "is replaced after that", view: aView([unready(30)]), expected: [REPLACE] },
    {
      name: "is replaced if at most a fifth of the nodes is like it",
      view: aView([unready(30), unready(30), ...Array.from({ length: 8 }, ready)]),
      expected: [REPLACE, REPLACE],
    },
    {
      name: "is left alone if more are like it, because something else is broken",
      view: aView([unready(30), unready(30), unready(30), ...Array.from({ length: 7 }, ready)]),
      expected: [],
    },
    {
      name: "is left alone while the pool is paused",
      view: aView([unready(30)], { spec: aSpec({ paused: true }) }),
      expected: [],
    },
    {
      name: "is left alone if its host is being evacuated already",
      view: aView([
        { ...unready(30), health: { instanceId: "i-1", impaired: { check: "system", since: NOW - 5 * MINUTE } } },
      ]),
      expected: ["beginTransition stopping: HostImpaired"],
    },
  ]);

  it("is reported, and checked when its time is over", () => {
    expect(events(aView([unready(30)]))).toEqual(["NodeUnready"]);
    expect(requeues(aView([unready(29)]))).toContain(MINUTE);
  });
});

describe("a running instance without a node object", () => {
  const nodeless = (nodeMissingSince?: number) =>
    aView(
      [anInstance("running", { node: null, record: { ...record, ...(nodeMissingSince && { nodeMissingSince }) } })],
      {
        spec: aSpec({ scaleDown: { enabled: false } }),
      },
    );

  check([
    { name: "has half an hour to register", view: nodeless(NOW - 30 * MINUTE + 1), expected: [] },
    {
      name: "is replaced after that, with scale-down disabled, too",
      view: nodeless(NOW - 30 * MINUTE),
      expected: [REPLACE],
    },
    {
      name: "is replaced if it was never started for anybody",
      view: aView([
        anInstance("running", { node: null, record: { nodeName: undefined, nodeMissingSince: NOW - 30 * MINUTE } }),
      ]),
      expected: [REPLACE],
    },
  ]);

  it("is recorded at the first look, and checked when its time is over", () => {
    expect(recordChanges(nodeless())).toEqual([{ nodeMissingSince: NOW }]);
    expect(requeues(nodeless())).toContain(30 * MINUTE);
    expect(recordChanges(nodeless(NOW - MINUTE))).toEqual([]);
  });

  it("is no longer recorded once the node is there", () => {
    const found = anInstance("running", { record: { ...record, nodeMissingSince: NOW - MINUTE }, pods: [aPod("p")] });
    expect(recordChanges(aView([found]))).toContainEqual(expect.objectContaining({ nodeMissingSince: null }));
  });

  it("is not recorded while it is starting, which has a timeout of its own", () => {
    const starting = anInstance("running", { node: null, record: { startedAt: NOW - MINUTE } });
    expect(recordChanges(aView([starting]))).toEqual([]);
  });
});
