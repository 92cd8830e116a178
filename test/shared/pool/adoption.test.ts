import { describe, expect, it } from "vitest";
import type { Ec2Instance } from "../../../shared/model/ec2.ts";
import type { KubeNode } from "../../../shared/model/kubernetes/objects.ts";
import { plan } from "../../../shared/pool/plan.ts";
import { aNode, anEc2, aView, NOW } from "./builders.ts";

const STARTED = "2026-03-01T11:30:00Z";
const since = String((NOW - 90_000) / 1000);

const adopted = (ec2: Ec2Instance, node?: KubeNode) =>
  plan(aView([], { orphans: [{ ...ec2, ...(node && { node }) }] })).find(({ kind }) => kind === "adopt");

const said = (state: string, annotations: Readonly<Record<string, string>> = {}) =>
  aNode("node-1", { labels: { "stratos.sh/state": state, "stratos.sh/state-since": since }, annotations });

const tagged = (tag: string, state: Ec2Instance["state"]) => anEc2(state, { tags: { "stratos.sh/state": tag } });

describe("an instance without a record", () => {
  it.each<[string, string, Ec2Instance["state"], string, string]>([
    ["a node says more recently than a tag what it is", "standby", "running", "running", "running"],
    ["a node that goes is not opened again", "running", "running", "stopping", "stopping"],
    ["one that was to end does end", "terminating", "running", "running", "terminating"],
    ["one that is off has stopped, whatever it was", "running", "stopped", "running", "standby"],
    ["one that was started from standby runs", "standby", "pending", "standby", "running"],
    ["a first boot is a warmup", "warmup", "running", "warmup", "warmup"],
  ])("%s", (_, tag, state, label, becomes) => {
    expect(adopted(tagged(tag, state), said(label))).toMatchObject({ state: becomes });
  });

  it("has its times from its node", () => {
    const node = said("running", {
      "stratos.sh/last-started": STARTED,
      "stratos.sh/scale-down-candidate-since": "2026-03-01T11:59:00Z",
      "stratos.sh/warmup-completed": "2026-02-01T00:00:00Z",
    });
    expect(adopted(tagged("running", "running"), node)).toMatchObject({
      since: NOW - 90_000,
      set: {
        nodeName: "node-1",
        startedAt: Date.parse(STARTED),
        readyAt: Date.parse(STARTED),
        emptySince: NOW - 60_000,
        warmedAt: Date.parse("2026-02-01T00:00:00Z"),
      },
    });
  });

  it("is still starting if its node says so", () => {
    const node = said("running", { "stratos.sh/last-started": STARTED, "stratos.sh/scale-up-started": STARTED });
    const action = adopted(tagged("standby", "running"), node);
    expect(action).toMatchObject({ set: { startedAt: Date.parse(STARTED), readyAt: undefined } });
  });

  it("is starting since EC2 started it where no node says when", () => {
    const action = adopted({ ...tagged("standby", "pending"), launchTime: NOW - 5_000 });
    expect(action).toMatchObject({ state: "running", since: undefined, set: { startedAt: NOW - 5_000 } });
  });
});
