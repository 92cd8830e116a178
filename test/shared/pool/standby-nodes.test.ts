import { describe } from "vitest";
import { TAINT } from "../../../shared/model/names.ts";
import { anInstance, aSpec, aView, NOW } from "./builders.ts";
import { check } from "./decisions.ts";

const spec = aSpec({ standby: { nodeObject: "Delete" } });

describe("the node object of a standby instance", () => {
  check([
    { name: "stays by default", view: aView([anInstance("standby")]), does: [] },
    { name: "goes where the pool says so", view: aView([anInstance("standby")], { spec }), does: ["deleteNode"] },
    {
      name: "is not missed once it is gone",
      view: aView([anInstance("standby", { node: null })], { spec }),
      does: [],
    },
    {
      name: "stays until the instance is recorded as standby",
      view: aView([anInstance("stopping", { ec2: { state: "stopped" } })], { spec }),
      does: ["applyNode", "completeTransition standby: Replenish"],
    },
  ]);
});

describe("an empty node", () => {
  const empty = { emptySince: NOW - 900_000, startedAt: NOW - 900_000 };
  check([
    {
      name: "does not count as empty before it was Ready",
      view: aView(
        [anInstance("running", { record: empty, node: { ready: false, labels: { "stratos.sh/state": "running" } } })],
        {
          spec: aSpec({ scaleUp: { ...aSpec().scaleUp, startTimeoutMs: 3_600_000 } }),
        },
      ),
      does: [],
    },
    {
      name: "does not count as empty while it waits for its network",
      view: aView([
        anInstance("running", {
          record: { ...empty, startedAt: NOW - 60_000, readyAt: NOW - 30_000 },
          node: { taints: [TAINT.notReady], labels: { "stratos.sh/state": "running" } },
        }),
      ]),
      does: [],
    },
  ]);
});
