import { describe, expect, it } from "vitest";
import type { KubePod } from "../../../../shared/model/kubernetes/objects.ts";
import { plan } from "../../../../shared/pool/plan.ts";
import type { PoolView } from "../../../../shared/pool/view.ts";
import { anInstance, aPod, aSpec, aView, type InstanceOverrides, MINUTE, NOW, SECOND } from "../builders.ts";
import { check, requeues } from "../decisions.ts";
import { aWarmupSpec, IMAGES, OUTCOME, PULLED } from "../warmups.ts";

const withImages = aWarmupSpec({ completionMode: "ControllerStop" });
const bestEffort = aWarmupSpec({ completionMode: "ControllerStop", imagePullPolicy: "BestEffort" });
const optional = { optionalImages: ["example.com/tenant:1"] };
const withoutImages = aSpec({ preWarm: { completionMode: "ControllerStop" } });

const tolerant: KubePod = { ...aPod("operator"), spec: { containers: [], tolerations: [{ operator: "Exists" }] } };

const warming = (
  node: InstanceOverrides["node"],
  forMs = MINUTE,
  pods: readonly KubePod[] = [],
  record: InstanceOverrides["record"] = {},
) =>
  anInstance("warmup", {
    pods,
    record: { images: IMAGES, stateSince: NOW - forMs, ...record },
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
      name: "waits for a Ready node only with the strategy None",
      view: aView([anInstance("warmup")], {
        spec: { ...withoutImages, template: { ...withoutImages.template, networkReadinessStrategy: "None" } },
      }),
      expected: ["stop"],
    },
    {
      name: "waits for a Ready node only where nothing could report on the network",
      view: aView([anInstance("warmup")], { spec: withoutImages, hasNetworkReporter: false }),
      expected: ["stop"],
    },
    {
      name: "waits for the network no longer than a start does",
      view: aView([anInstance("warmup", { node: { readySince: NOW - 2 * MINUTE } })], { spec: withoutImages }),
      expected: ["stop"],
    },
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
      name: "has pods that are bound to it evicted before it is stopped",
      view: aView([warming({ images: PULLED }, MINUTE, [tolerant])], { spec: withImages }),
      expected: ["evict operator"],
    },
    {
      name: "is stopped in a paused pool, too",
      view: aView([warming({ images: PULLED })], { spec: { ...withImages, paused: true } }),
      expected: ["stop"],
    },
    { name: "waits for its images", view: aView([warming({ images: [] })], { spec: withImages }), expected: [] },
    {
      name: "waits for optional images",
      view: aView([warming({ images: PULLED }, 5 * MINUTE - 1, [], optional)], { spec: withImages }),
      expected: [],
    },
    {
      name: "waits for optional images only half of the timeout",
      view: aView([warming({ images: PULLED }, 5 * MINUTE, [], optional)], { spec: withImages }),
      expected: ["stop"],
    },
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

  it("that waited for its network in vain says so", () => {
    const view = aView([anInstance("warmup", { node: { readySince: NOW - 2 * MINUTE } })], { spec: withoutImages });
    expect(plan(view)).toContainEqual(
      expect.objectContaining({
        kind: "emitEvent",
        type: "Warning",
        reason: "NetworkNotReady",
        message: expect.stringMatching(/within 120 s .*; its warmup ended anyway/),
      }),
    );
  });

  it("is checked again for its network when it stops waiting for it", () => {
    const view = aView([anInstance("warmup", { node: { readySince: NOW - SECOND } })], { spec: withoutImages });
    expect(requeues(view)).toContain(NOW - SECOND + 2 * MINUTE - NOW);
  });

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
