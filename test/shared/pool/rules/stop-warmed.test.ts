import { describe, expect, it } from "vitest";
import type { PoolView } from "../../../../shared/pool/view.ts";
import { anInstance, aSpec, aView, type InstanceOverrides, MINUTE, NOW, SECOND } from "../builders.ts";
import { check, requeues } from "../decisions.ts";
import { aWarmupSpec, IMAGES, OUTCOME, PULLED } from "../warmups.ts";

const withImages = aWarmupSpec({ completionMode: "ControllerStop" });
const bestEffort = aWarmupSpec({ completionMode: "ControllerStop", imagePullPolicy: "BestEffort" });
const withoutImages = aSpec({ preWarm: { completionMode: "ControllerStop" } });

const warming = (node: InstanceOverrides["node"], forMs = MINUTE) =>
  anInstance("warmup", {
    record: { images: IMAGES, stateSince: NOW - forMs },
    node: { networkReadySince: NOW - SECOND, ...node },
  });

describe("a warmup with ControllerStop", () => {
  check([
    {
      name: "is stopped once node and network are ready",
      view: aView([anInstance("warmup", { node: { networkReadySince: NOW - SECOND } })], { spec: withoutImages }),
      expected: ["stop"],
    },
    { name: "waits for the network", view: aView([anInstance("warmup")], { spec: withoutImages }), expected: [] },
    {
      name: "waits for a Ready node",
      view: aView([warming({ ready: false, images: PULLED })], { spec: withImages }),
      expected: [],
    },
    {
      name: "is stopped once its images are pulled",
      view: aView([warming({ images: PULLED })], { spec: withImages }),
      expected: ["stop"],
    },
    {
      name: "is stopped in a paused pool, too",
      view: aView([warming({ images: PULLED })], { spec: { ...withImages, paused: true } }),
      expected: ["stop"],
    },
    { name: "waits for its images", view: aView([warming({ images: [] })], { spec: withImages }), expected: [] },
    {
      name: "waits for best-effort images",
      view: aView([warming({}, 5 * MINUTE - 1)], { spec: bestEffort }),
      expected: [],
    },
    {
      name: "waits for best-effort images from the start",
      view: aView([warming({})], { spec: bestEffort }),
      expected: [],
    },
    {
      name: "waits for best-effort images no longer than half of its timeout",
      view: aView([warming({}, 5 * MINUTE)], { spec: bestEffort }),
      expected: ["stop"],
    },
    {
      name: "is stopped once the node reports that it is done",
      view: aView([warming({ annotations: { [OUTCOME]: "Succeeded" } })], { spec: withImages }),
      expected: ["stop"],
    },
    {
      name: "is replaced once the node reports that it failed",
      view: aView([warming({ annotations: { [OUTCOME]: "Failed: no such image" } })], { spec: withImages }),
      expected: ["beginTransition terminating: WarmupFailed"],
    },
  ]);

  it("is checked again for its images after 10 s, because no event reports them", () => {
    expect(Math.min(...requeues(aView([warming({})], { spec: withImages })))).toBe(10 * SECOND);
  });
});

describe("a warmup with ControllerStop and user data from a template", () => {
  const fromTemplate = (template: "AL2023" | "Bottlerocket"): PoolView["nodeClass"] => {
    const { nodeClass } = aView();
    if (nodeClass.kind !== "ready") throw new Error("the builder's class is ready");
    const userDataSource = { template, custom: undefined, kubelet: {} };
    return { ...nodeClass, launch: { ...nodeClass.launch, userDataSource } };
  };
  const al2023 = { spec: withImages, nodeClass: fromTemplate("AL2023") };
  check([
    { name: "waits for the script of its template", view: aView([warming({ images: PULLED })], al2023), expected: [] },
    {
      name: "is stopped once that script reports that it is done",
      view: aView([warming({ annotations: { [OUTCOME]: "Succeeded" } })], al2023),
      expected: ["stop"],
    },
    {
      name: "waits for no script if its template has none",
      view: aView([warming({ images: PULLED })], { spec: withImages, nodeClass: fromTemplate("Bottlerocket") }),
      expected: ["stop"],
    },
  ]);
});
