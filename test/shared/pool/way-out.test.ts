import { describe, expect, it } from "vitest";
import { plan } from "../../../shared/pool/plan.ts";
import { anEc2, anInstance, aPod, aSpec, aView, NOW } from "./builders.ts";
import { check } from "./decisions.ts";

describe("stopping", () => {
  const fresh = { record: { stateSince: NOW - 10_000, reason: "MaxRuntime" } } as const;
  const late = { record: { stateSince: NOW - 300_000, reason: "MaxRuntime" } } as const;
  check([
    {
      name: "cordons before anything else",
      view: aView([
        anInstance("stopping", { ...fresh, node: { cordoned: false, labels: { "stratos.sh/state": "stopping" } } }),
      ]),
      does: ["applyNode"],
    },
    {
      name: "evicts what is left, but not DaemonSet pods",
      view: aView([anInstance("stopping", { ...fresh, pods: [aPod("p"), aPod("d", { owner: "DaemonSet" })] })]),
      does: ["evict p"],
    },
    {
      name: "waits for pods on their way out",
      view: aView([anInstance("stopping", { ...fresh, pods: [aPod("p", { deleting: true })] })]),
      does: [],
    },
    {
      name: "deletes what is left after drainTimeout",
      view: aView([anInstance("stopping", { ...late, pods: [aPod("p")] })]),
      does: ["deletePods p"],
    },
    {
      name: "stops the instance when no pod is left",
      view: aView([anInstance("stopping", fresh)]),
      does: ["stop"],
    },
    {
      name: "waits for volumes to detach",
      view: aView([anInstance("stopping", { ...fresh, attachedVolumes: 1 })]),
      does: [],
    },
    {
      name: "goes back to running when a pod bound in the race with its cordon",
      view: aView([anInstance("stopping", { record: { reason: "Empty" }, pods: [aPod("p")] })]),
      does: ["beginTransition running: PodBound"],
    },
    {
      name: "waits for EC2 to finish stopping",
      view: aView([anInstance("stopping", { ec2: { state: "stopping" } })]),
      does: [],
    },
    {
      name: "becomes standby when stopped",
      view: aView([anInstance("stopping", { ec2: { state: "stopped" } })]),
      does: ["applyNode", "completeTransition standby: Replenish"],
    },
  ]);

  it("says which pods drainTimeout cost", () => {
    const actions = plan(aView([anInstance("stopping", { ...late, pods: [aPod("p")] })]));
    const event = actions.find((action) => action.kind === "emitEvent");
    expect(event).toMatchObject({ reason: "DrainTimeout", message: expect.stringContaining("default/p") });
  });
});

describe("terminating and gone", () => {
  check([
    {
      name: "drains before it terminates",
      view: aView([anInstance("terminating", { pods: [aPod("p")] })]),
      does: ["evict p"],
    },
    { name: "terminates when drained", view: aView([anInstance("terminating")]), does: ["terminate"] },
    {
      name: "terminates what is stopped at once",
      view: aView([anInstance("terminating", { ec2: { state: "stopped" } })]),
      does: ["terminate"],
    },
    {
      name: "leaves an instance alone that EC2 has just refused to terminate",
      view: aView([anInstance("terminating", { record: { refusal: { count: 1, at: NOW - 59_000, message: "no" } } })]),
      does: [],
    },
    {
      name: "asks again a minute later, and then ever more seldom",
      view: aView([
        anInstance("terminating", { record: { refusal: { count: 1, at: NOW - 60_000, message: "no" } } }),
        anInstance("terminating", { record: { refusal: { count: 3, at: NOW - 239_000, message: "no" } } }),
        anInstance("terminating", { record: { refusal: { count: 9, at: NOW - 900_000, message: "no" } } }),
      ]),
      does: ["terminate", "terminate"],
    },
    {
      name: "waits while EC2 shuts it down",
      view: aView([anInstance("terminating", { ec2: { state: "shutting-down" } })]),
      does: [],
    },
    {
      name: "removes node and record of a terminated instance, whatever its state was",
      view: aView([anInstance("running", { ec2: { state: "terminated" }, pods: [aPod("p")] })]),
      does: ["deleteNode", "releaseSlot"],
    },
    {
      name: "does not take one absence for an end",
      view: aView([anInstance("standby", { ec2: null })]),
      does: [],
    },
    {
      name: "takes five minutes of absence for an end",
      view: aView([anInstance("standby", { ec2: null, record: { missingSince: NOW - 300_000 } })]),
      does: ["deleteNode", "releaseSlot"],
    },
  ]);
});

describe("deleted pool", () => {
  check([
    {
      name: "terminates everything in every state",
      view: aView([anInstance("warmup"), anInstance("standby"), anInstance("running"), anInstance("stopping")], {
        deleting: true,
      }),
      does: Array(4).fill("beginTransition terminating: PoolDeleted"),
    },
    {
      name: "keeps its finalizer while anything is left",
      view: aView([anInstance("terminating", { ec2: { state: "shutting-down" } })], { deleting: true }),
      does: [],
    },
    { name: "drops its finalizer at the end", view: aView([], { deleting: true }), does: ["dropFinalizer"] },
  ]);
});

describe("strays", () => {
  const orphan = (state: "running" | "stopped", tag: string) =>
    anEc2(state, { instanceId: `i-${tag}`, tags: { "stratos.sh/state": tag } });
  check([
    {
      name: "stopped ones are adopted as standby",
      view: aView([], { orphans: [orphan("stopped", "running")] }),
      does: ["adopt as standby"],
    },
    {
      name: "running ones keep the state of their tag",
      view: aView([], { orphans: [orphan("running", "warmup")] }),
      does: ["adopt as warmup"],
    },
    {
      name: "running standby is adopted as running",
      view: aView([], { orphans: [orphan("running", "standby")] }),
      does: ["adopt as running"],
    },
    {
      name: "that find no free slot are terminated",
      view: aView([anInstance("standby")], { spec: aSpec({ poolSize: 1 }), orphans: [orphan("stopped", "standby")] }),
      does: ["terminateOrphan"],
    },
  ]);
});
