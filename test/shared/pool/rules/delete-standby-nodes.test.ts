import { describe } from "vitest";
import { anInstance, aSpec, aView } from "../builders.ts";
import { check } from "../decisions.ts";
import { OWN } from "../standby-node.ts";

const spec = aSpec({ standby: { nodeObject: "Delete" } });

describe("the node object of a standby instance", () => {
  check([
    { name: "is kept by default", view: aView([anInstance("standby")]), expected: [] },
    {
      name: "is deleted if the pool says so",
      view: aView([anInstance("standby")], { spec }),
      expected: ["deleteNode"],
    },
    {
      name: "is kept on hold: it is all that says so",
      view: aView([anInstance("standby", { node: { annotations: { ...OWN, "stratos.sh/hold": "Cordoned" } } })], {
        spec,
      }),
      expected: [],
    },
    { name: "is deleted once", view: aView([anInstance("standby", { node: null })], { spec }), expected: [] },
    {
      name: "is kept until the record says standby",
      view: aView([anInstance("stopping", { ec2: { state: "stopped" } })], { spec }),
      expected: ["applyNode", "completeTransition standby: Replenish"],
    },
    {
      name: "is kept until the tag says standby",
      view: aView([anInstance("standby", { ec2: { tags: { "stratos.sh/state": "stopping" } } })], { spec }),
      expected: ["tagState"],
    },
    {
      name: "is kept while its instance is on",
      view: aView([anInstance("standby", { ec2: { state: "pending" } })], { spec }),
      expected: [],
    },
    {
      name: "is deleted while the pool is paused, too",
      view: aView([anInstance("standby")], { spec: { ...spec, paused: true } }),
      expected: ["deleteNode"],
    },
  ]);
});
