import { describe, expect, it } from "vitest";
import type { InstanceRecord } from "../../../../shared/model/instance-record.ts";
import { plan } from "../../../../shared/pool/plan.ts";
import { anInstance, aPod, aSpec, aView, type InstanceOverrides, NOW, SECOND } from "../builders.ts";
import { check } from "../decisions.ts";

const RESUME = ["beginTransition running: PodBound"];
const stoppingWith = (
  pods: NonNullable<InstanceOverrides["pods"]>,
  record: Partial<InstanceRecord> = {},
  ec2: InstanceOverrides["ec2"] = {},
) => anInstance("stopping", { record: { reason: "Empty", ...record }, ec2, pods });

describe("an empty node that is stopping", () => {
  check([
    {
      name: "runs again if a pod bound before its cordon",
      view: aView([stoppingWith([aPod("p")])]),
      expected: RESUME,
    },
    {
      name: "runs again in a paused pool, too",
      view: aView([stoppingWith([aPod("p")])], { spec: aSpec({ paused: true }) }),
      expected: RESUME,
    },
    {
      name: "evicts a pod that bound if EC2 has been asked to stop it",
      view: aView([stoppingWith([aPod("p")], { stopRequestedAt: NOW - SECOND })]),
      expected: ["evict p"],
    },
    {
      name: "evicts a pod that bound if EC2 does not show it as running",
      view: aView([stoppingWith([aPod("p")], {}, { state: "pending" })]),
      expected: ["evict p"],
    },
    {
      name: "evicts its pods if it stops for another reason",
      view: aView([stoppingWith([aPod("p")], { reason: "MaxRuntime" })]),
      expected: ["evict p"],
    },
    {
      name: "stops if only DaemonSet pods and finished pods are left",
      view: aView([stoppingWith([aPod("d", { owner: "DaemonSet" }), aPod("f", { phase: "Succeeded" })])]),
      expected: ["stop"],
    },
    {
      name: "keeps stopping if the pod is terminating",
      view: aView([stoppingWith([aPod("p", { deleting: true })])]),
      expected: [],
    },
  ]);

  it("is no longer empty or draining when it runs again", () => {
    expect(plan(aView([stoppingWith([aPod("p")], { emptySince: NOW - SECOND })]))).toContainEqual(
      expect.objectContaining({ kind: "beginTransition", set: { emptySince: null, drain: null } }),
    );
  });
});
