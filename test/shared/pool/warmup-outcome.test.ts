import { describe } from "vitest";
import { aView } from "./builders.ts";
import { check } from "./decisions.ts";
import { aWarmupSpec, OUTCOME, PULLED, STANDBY, stoppedWarmup } from "./warmups.ts";

describe("a warmup", () => {
  const spec = aWarmupSpec();
  /** As many images as kubelet reports at most. */
  const fifty = Array.from({ length: 50 }, (_, index) => `example.com/large:${index}`);
  check([
    {
      name: "succeeds with every image pulled",
      view: aView([stoppedWarmup({ images: PULLED })], { spec }),
      expected: STANDBY,
    },
    {
      name: "needs the images of its launch, not those that the pool names now",
      view: aView([stoppedWarmup({ images: ["example.com/old:1"] }, { images: ["example.com/old:1"] })], { spec }),
      expected: STANDBY,
    },
    {
      name: "does not fail by a list of images that kubelet has cut off",
      view: aView([stoppedWarmup({ images: fifty })], { spec }),
      expected: STANDBY,
    },
    {
      name: "succeeds without the images of DaemonSets that are not required",
      view: aView([stoppedWarmup({ images: PULLED }, { images: PULLED, optionalImages: ["example.com/tenant:1"] })], {
        spec,
      }),
      expected: STANDBY,
    },
    {
      name: "succeeds if the node reports so, whatever kubelet reports",
      view: aView([stoppedWarmup({ annotations: { [OUTCOME]: "Succeeded" } })], { spec }),
      expected: STANDBY,
    },
    {
      name: "fails if the node reports so, with any image policy",
      view: aView([stoppedWarmup({ images: PULLED, annotations: { [OUTCOME]: "Failed: no space left on device" } })], {
        spec: aWarmupSpec({ imagePullPolicy: "BestEffort" }),
      }),
      expected: ["beginTransition terminating: WarmupFailed"],
    },
  ]);
});
