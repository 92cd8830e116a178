import { describe } from "vitest";
import { anInstance, aPod, aSpec, aView } from "../builders.ts";
import { check } from "../decisions.ts";

const TERMINATE = "beginTransition terminating: PoolDeleted";

describe("a pool that is being deleted", () => {
  check([
    {
      name: "terminates its instances in every state",
      view: aView([anInstance("warmup"), anInstance("standby"), anInstance("running"), anInstance("stopping")], {
        deleting: true,
      }),
      expected: Array(4).fill(TERMINATE),
    },
    {
      name: "terminates its instances even if it is paused",
      view: aView([anInstance("standby")], { spec: aSpec({ paused: true }), deleting: true }),
      expected: [TERMINATE],
    },
    {
      name: "drains nodes in use before it terminates them",
      view: aView([anInstance("running", { pods: [aPod("p")] })], { deleting: true }),
      expected: [TERMINATE],
    },
    {
      name: "looks for the instances of a launch without an answer, to terminate them",
      view: aView([anInstance("warmup", { record: { instanceId: undefined }, ec2: null, node: null })], {
        deleting: true,
      }),
      expected: ["repeatLaunch, or release"],
    },
  ]);
});
