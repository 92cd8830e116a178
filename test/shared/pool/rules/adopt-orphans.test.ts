import { describe, expect, it } from "vitest";
import type { Ec2Instance } from "../../../../shared/model/ec2.ts";
import type { KubeNode } from "../../../../shared/model/kubernetes/objects.ts";
import { plan } from "../../../../shared/pool/plan.ts";
import { aNode, anEc2, anInstance, aSpec, aView, MINUTE, NOW, SECOND } from "../builders.ts";
import { check } from "../decisions.ts";

const STARTED = "2026-03-01T11:30:00Z";
const STATE_SINCE = String((NOW - 90 * SECOND) / 1000);

const adoption = (ec2: Ec2Instance, node?: KubeNode) =>
  plan(aView([], { orphans: [{ ...ec2, ...(node && { node }) }] })).find(({ kind }) => kind === "adopt");

const labelled = (state: string, annotations: Readonly<Record<string, string>> = {}) =>
  aNode("node-1", { labels: { "stratos.sh/state": state, "stratos.sh/state-since": STATE_SINCE }, annotations });

const tagged = (tag: string, state: Ec2Instance["state"]) => anEc2(state, { tags: { "stratos.sh/state": tag } });

describe("the state of an adopted instance", () => {
  it.each<[string, string, Ec2Instance["state"], string, string]>([
    ["is that of the node label, which is written before the tag", "standby", "running", "running", "running"],
    ["is stopping on a draining node, which stays closed", "running", "running", "stopping", "stopping"],
    ["is terminating if the tag says so", "terminating", "running", "running", "terminating"],
    ["is terminating if the label says so", "running", "running", "terminating", "terminating"],
    ["is standby when it is off, whatever it was before", "running", "stopped", "running", "standby"],
    ["is running if it was started from standby", "standby", "pending", "standby", "running"],
    ["is warmup during its first boot", "warmup", "running", "warmup", "warmup"],
    ["is warmup if its warmup has just powered it off", "warmup", "stopped", "warmup", "warmup"],
    ["is stopping while EC2 stops it", "running", "stopping", "running", "stopping"],
    ["is warmup while its warmup powers it off", "warmup", "stopping", "warmup", "warmup"],
  ])("%s", (_, tag, state, label, adopted) => {
    expect(adoption(tagged(tag, state), labelled(label))).toMatchObject({ state: adopted });
  });
});

describe("an adopted instance", () => {
  it("takes its times from its node", () => {
    const node = labelled("running", {
      "stratos.sh/last-started": STARTED,
      "stratos.sh/scale-down-candidate-since": "2026-03-01T11:59:00Z",
      "stratos.sh/warmup-completed": "2026-02-01T00:00:00Z",
    });
    expect(adoption(tagged("running", "running"), node)).toMatchObject({
      since: NOW - 90 * SECOND,
      set: {
        nodeName: "node-1",
        startedAt: Date.parse(STARTED),
        readyAt: Date.parse(STARTED),
        emptySince: NOW - MINUTE,
        warmedAt: Date.parse("2026-02-01T00:00:00Z"),
      },
    });
  });

  it("is still starting if its node says so", () => {
    const node = labelled("running", { "stratos.sh/last-started": STARTED, "stratos.sh/scale-up-started": STARTED });
    const action = adoption(tagged("standby", "running"), node);
    expect(action).toMatchObject({ set: { startedAt: Date.parse(STARTED), readyAt: undefined } });
  });

  it("has been starting since its launch time if no node tells", () => {
    const action = adoption({ ...tagged("standby", "pending"), launchTime: NOW - 5 * SECOND });
    expect(action).toMatchObject({ state: "running", since: undefined, set: { startedAt: NOW - 5 * SECOND } });
  });
});

describe("an orphan", () => {
  const orphan = (state: Ec2Instance["state"], tag: string) => ({ ...tagged(tag, state), instanceId: `i-${tag}` });
  const full = aSpec({ poolSize: 1 });
  const paused = aSpec({ poolSize: 1, paused: true });
  check([
    {
      name: "that is stopped is adopted as standby",
      view: aView([], { orphans: [orphan("stopped", "running")] }),
      expected: ["adopt as standby"],
    },
    {
      name: "that runs keeps the state of its tag",
      view: aView([], { orphans: [orphan("running", "warmup")] }),
      expected: ["adopt as warmup"],
    },
    {
      name: "that runs although its tag says standby is adopted as running",
      view: aView([], { orphans: [orphan("running", "standby")] }),
      expected: ["adopt as running"],
    },
    {
      name: "that is in use comes first",
      view: aView([], { orphans: [orphan("stopped", "standby"), orphan("running", "running")] }),
      expected: ["adopt as running", "adopt as standby"],
    },
    {
      name: "without a free slot is adopted, too: what is too much is decided later",
      view: aView([anInstance("standby")], { spec: full, orphans: [orphan("running", "running")] }),
      expected: ["adopt as running"],
    },
    {
      name: "is adopted while the pool is paused, too",
      view: aView([], { spec: paused, orphans: [orphan("stopped", "standby")] }),
      expected: ["adopt as standby"],
    },
    {
      name: "that is shutting down or terminated is ignored",
      view: aView([], { orphans: [orphan("shutting-down", "standby"), orphan("terminated", "running")] }),
      expected: [],
    },
    {
      name: "that is terminated is adopted if its node object is left, to delete that",
      view: aView([], { orphans: [{ ...orphan("terminated", "running"), node: labelled("running") }] }),
      expected: ["adopt as terminating"],
    },
  ]);
});
