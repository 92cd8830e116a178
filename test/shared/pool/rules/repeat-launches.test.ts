import { describe } from "vitest";
import { anInstance, aSpec, aView, MINUTE, NOW } from "../builders.ts";
import { check } from "../decisions.ts";

const unanswered = (token: string) =>
  anInstance("warmup", {
    record: { instanceId: undefined, token, stateSince: NOW - 20 * MINUTE },
    ec2: null,
    node: null,
  });

describe("a launch without a recorded answer", () => {
  check([
    {
      name: "is repeated once for all of its slots",
      view: aView([unanswered("t"), unanswered("t")]),
      expected: ["repeatLaunch"],
    },
    {
      name: "is repeated once per token",
      view: aView([unanswered("t"), unanswered("u"), unanswered("t")]),
      expected: ["repeatLaunch", "repeatLaunch"],
    },
    {
      name: "is repeated in a paused pool, too",
      view: aView([unanswered("t")], { spec: aSpec({ paused: true }) }),
      expected: ["repeatLaunch"],
    },
    { name: "is not repeated once it is recorded", view: aView([anInstance("warmup")]), expected: [] },
  ]);
});
