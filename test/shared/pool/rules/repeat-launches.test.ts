import { describe, expect, it } from "vitest";
import { anInstance, aSpec, aView, MINUTE, NOW } from "../builders.ts";
import { check, requeues } from "../decisions.ts";

const unanswered = (token: string, age = MINUTE) =>
  anInstance("warmup", {
    record: { instanceId: undefined, token, stateSince: NOW - age },
    ec2: null,
    node: null,
  });

describe("a launch without a recorded answer", () => {
  check([
    {
      name: "is repeated once for all of its slots",
      view: aView([unanswered("t"), unanswered("t")]),
      expected: ["repeatLaunch, or launch"],
    },
    {
      name: "is repeated once per token",
      view: aView([unanswered("t"), unanswered("u"), unanswered("t")]),
      expected: ["repeatLaunch, or launch", "repeatLaunch, or launch"],
    },
    {
      name: "is repeated in a paused pool, too",
      view: aView([unanswered("t")], { spec: aSpec({ paused: true }) }),
      expected: ["repeatLaunch, or launch"],
    },
    {
      name: "is only looked for after two minutes",
      view: aView([unanswered("t", 2 * MINUTE)]),
      expected: ["repeatLaunch, or wait"],
    },
    {
      name: "is given up after five minutes",
      view: aView([unanswered("t", 5 * MINUTE)]),
      expected: ["repeatLaunch, or release"],
    },
    {
      name: "is not waited for once its pool is being deleted",
      view: aView([unanswered("t")], { deleting: true }),
      expected: ["repeatLaunch, or release"],
    },
    { name: "is not repeated once it is recorded", view: aView([anInstance("warmup")]), expected: [] },
  ]);

  it("is looked at again when it is given up", () => {
    expect(requeues(aView([unanswered("t")]))).toEqual([4 * MINUTE]);
  });
});
