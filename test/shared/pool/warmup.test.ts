import { describe, expect, it } from "vitest";
import type { PoolSpec } from "../../../shared/model/api/pool-spec.ts";
import { plan } from "../../../shared/pool/plan.ts";
import type { PoolView } from "../../../shared/pool/view.ts";
import { anInstance, aSpec, aView, NOW } from "./builders.ts";
import { check, told, wakes } from "./decisions.ts";

const OUTCOME = "stratos.sh/warmup-outcome";
const labels = { "stratos.sh/state": "warmup" };
const images = ["redis:8", "example.com/model:v1"];
const pulled = ["docker.io/library/redis:8", "example.com/model:v1"];

const preWarm = (overrides: Partial<PoolSpec["preWarm"]> = {}) =>
  aSpec({ preWarm: { ...aSpec().preWarm, images, ...overrides } });

type Warmup = Parameters<typeof anInstance>[1];

const off = (node: NonNullable<Warmup>["node"], record: NonNullable<Warmup>["record"] = {}) =>
  anInstance("warmup", { ec2: { state: "stopped" }, node: node && { labels, ...node }, record: { images, ...record } });

describe("a warmup that is over", () => {
  const standby = ["applyNode", "completeTransition standby: WarmupCompleted"];
  const replaced = ["beginTransition terminating: WarmupFailed"];
  const fifty = Array.from({ length: 50 }, (_, index) => `example.com/large:${index}`);
  check([
    {
      name: "is standby with every image there",
      view: aView([off({ images: pulled })], { spec: preWarm() }),
      does: standby,
    },
    {
      name: "is replaced without an image that was required",
      view: aView([off({ images: pulled.slice(1) })], { spec: preWarm() }),
      does: replaced,
    },
    {
      name: "is standby without an image that was wanted only",
      view: aView([off({})], { spec: preWarm({ imagePullPolicy: "BestEffort" }) }),
      does: standby,
    },
    {
      name: "has to have the images that it was launched for, not those asked for since",
      view: aView([off({ images: ["example.com/old:1"] }, { images: ["example.com/old:1"] })], { spec: preWarm() }),
      does: standby,
    },
    {
      name: "is not failed by a list of images that kubelet has cut",
      view: aView([off({ images: fifty })], { spec: preWarm() }),
      does: standby,
    },
    {
      name: "is standby if the node says so, whatever kubelet has had time to report",
      view: aView([off({ annotations: { [OUTCOME]: "Succeeded" } })], { spec: preWarm() }),
      does: standby,
    },
    {
      name: "is replaced if the node says that it failed",
      view: aView([off({ images: pulled, annotations: { [OUTCOME]: "Failed: no space left on device" } })], {
        spec: preWarm({ imagePullPolicy: "BestEffort" }),
      }),
      does: replaced,
    },
    { name: "is replaced if its node never registered", view: aView([off(null)], { spec: preWarm() }), does: replaced },
  ]);

  it.each([
    ["what is missing", off({ images: pulled.slice(1) }), /redis:8/],
    ["what the node said", off({ annotations: { [OUTCOME]: "Failed: no space left" } }), /no space left/],
    ["where more can be read", off(null, { instanceId: "i-7" }), /get-console-output --latest --instance-id i-7/],
  ])("says %s", (_, instance, message) => {
    expect(plan(aView([instance], { spec: preWarm() })).filter(({ kind }) => kind === "emitEvent")).toEqual([
      expect.objectContaining({ reason: "WarmupFailed", message: expect.stringMatching(message) }),
    ]);
  });
});

describe("a warmup by ControllerStop", () => {
  const spec = preWarm({ completionMode: "ControllerStop" });
  const up = (node: object, since = 60_000) =>
    anInstance("warmup", {
      record: { images, stateSince: NOW - since },
      node: { labels, networkReadySince: NOW - 1000, ...node },
    });
  const bestEffort = preWarm({ completionMode: "ControllerStop", imagePullPolicy: "BestEffort" });
  check([
    { name: "is stopped once its images are there", view: aView([up({ images: pulled })], { spec }), does: ["stop"] },
    { name: "waits for its images", view: aView([up({ images: [] })], { spec }), does: [] },
    { name: "waits for images that are wanted only", view: aView([up({})], { spec: bestEffort }), does: [] },
    {
      name: "waits for those no longer than half of its timeout",
      view: aView([up({}, 300_000)], { spec: bestEffort }),
      does: ["stop"],
    },
    {
      name: "is stopped once the node says that it is done",
      view: aView([up({ annotations: { [OUTCOME]: "Succeeded" } })], { spec }),
      does: ["stop"],
    },
    {
      name: "is replaced once the node says that it failed",
      view: aView([up({ annotations: { [OUTCOME]: "Failed: no such image" } })], { spec }),
      does: ["beginTransition terminating: WarmupFailed"],
    },
    { name: "waits for a Ready node", view: aView([up({ ready: false, images: pulled })], { spec }), does: [] },
  ]);

  const fromTemplate = (template: "AL2023" | "Bottlerocket"): PoolView["nodeClass"] => {
    const { nodeClass } = aView();
    if (nodeClass.kind !== "ready") throw new Error("the builder's class is ready");
    const userDataSource = { template, custom: undefined, kubelet: {} };
    return { ...nodeClass, launch: { ...nodeClass.launch, userDataSource } };
  };
  const al2023 = { spec, nodeClass: fromTemplate("AL2023") };
  check([
    { name: "waits for the script of its template", view: aView([up({ images: pulled })], al2023), does: [] },
    {
      name: "is stopped once that script says that it is done",
      view: aView([up({ annotations: { [OUTCOME]: "Succeeded" } })], al2023),
      does: ["stop"],
    },
    {
      name: "waits for no script where its template has none",
      view: aView([up({ images: pulled })], { spec, nodeClass: fromTemplate("Bottlerocket") }),
      does: ["stop"],
    },
  ]);

  it("looks again for images, of which no event tells", () => {
    expect(Math.min(...wakes(aView([up({})], { spec })))).toBe(10_000);
  });
});

describe("a warmup that takes too long", () => {
  const late = (overrides: Warmup = {}) =>
    anInstance("warmup", { ...overrides, record: { stateSince: NOW - 600_000, ...overrides?.record } });
  check([
    { name: "is off before long: it is let be", view: aView([late({ ec2: { state: "stopping" } })]), does: [] },
    {
      name: "has its power cut when it hangs while it shuts down",
      view: aView([late({ ec2: { state: "stopping" }, record: { stateSince: NOW - 900_000 } })]),
      does: ["force stop"],
    },
    {
      name: "is stopped again until it stops",
      view: aView([late({ record: { stateSince: NOW - 700_000, timedOutAt: NOW - 60_000 } })]),
      does: ["force stop"],
    },
  ]);

  it("says so once", () => {
    expect(told(aView([late()]))).toEqual(["WarmupFailed"]);
    expect(told(aView([late({ record: { stateSince: NOW - 700_000, timedOutAt: NOW - 60_000 } })]))).toEqual([]);
  });
});
