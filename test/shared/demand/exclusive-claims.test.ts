import { describe, expect, it } from "vitest";
import { planDemand } from "../../../shared/demand/plan-demand.ts";
import type { KubePod } from "../../../shared/model/kubernetes/objects.ts";
import type { PersistentVolumeClaim, StorageClass } from "../../../shared/model/kubernetes/storage.ts";
import { NOW } from "../pool/builders.ts";
import {
  aDemandView,
  aNodeObject,
  aPendingPod,
  aPool,
  bind,
  nodesOf,
  startedNode,
  UNSCHEDULABLE,
  withStarted,
} from "./builders.ts";

const claim: PersistentVolumeClaim = {
  metadata: { name: "data", namespace: "default" },
  spec: { storageClassName: "ebs", accessModes: ["ReadWriteOncePod"] },
};
const storageClasses: readonly StorageClass[] = [
  { metadata: { name: "ebs" }, provisioner: "ebs.csi.aws.com", volumeBindingMode: "WaitForFirstConsumer" },
];

const user = (name: string, overrides: { namespace?: string } = {}): KubePod =>
  aPendingPod(
    name,
    { cpu: "2" },
    { ...overrides, spec: { volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }] } },
  );

const context = (bound: readonly KubePod[] = [], claims = [claim]) => ({ claims, storageClasses, pods: bound });

describe("a pod whose ReadWriteOncePod claim", () => {
  it("is in use by a running pod starts nothing, and is told", () => {
    const view = { pods: [user("p")], pools: [aPool("a", 1)], context: context([bind(user("q"), "n")]) };
    expect(nodesOf(view)).toEqual({});
    expect(planDemand(aDemandView(view)).unschedulable.map(({ reasons }) => reasons)).toEqual([
      ["a: claim default/data can be used by one pod only, and default/q uses it"],
    ]);
  });

  it("is in use by a pod on a node that is starting starts nothing", () => {
    const started = withStarted(aPool("a", 1), [startedNode(aNodeObject("n", { pool: "a" }), [user("q")])]);
    expect(nodesOf({ pods: [user("p")], pools: [started], context: context() })).toEqual({});
  });

  it.each([
    { name: "is not in use", bound: [] },
    { name: "was used by a pod that has finished", bound: [{ ...bind(user("q"), "n"), status: { phase: "Failed" } }] },
    {
      name: "has the name of one that is in use in another namespace",
      bound: [bind(user("q", { namespace: "x" }), "n")],
    },
  ])("$name starts a node", ({ bound }) => {
    expect(nodesOf({ pods: [user("p")], pools: [aPool("a", 1)], context: context(bound) })).toEqual({ a0: ["p"] });
  });

  it("is another pending pod's as well starts a node only if it has waited for longest", () => {
    const older: KubePod = {
      ...user("older"),
      status: {
        phase: "Pending",
        conditions: [{ ...UNSCHEDULABLE, lastTransitionTime: new Date(NOW - 9000).toISOString() }],
      },
    };
    expect(nodesOf({ pods: [user("p"), older], pools: [aPool("a", 3)], context: context() })).toEqual({
      a0: ["older"],
    });
  });
});

it("pods share a claim of another access mode", () => {
  const shared = { ...claim, spec: { ...claim.spec, accessModes: ["ReadWriteMany"] } };
  const bound = context([bind(user("q"), "n")], [shared]);
  expect(Object.keys(nodesOf({ pods: [user("p"), user("r")], pools: [aPool("a", 3)], context: bound }))).toHaveLength(
    2,
  );
});
