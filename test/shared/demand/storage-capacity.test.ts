/** Claims whose volumes a driver is still to provision, where the driver tells how much room it has. */
import { describe, expect, it } from "vitest";
import { planDemand } from "../../../shared/demand/plan-demand.ts";
import type { LabelSelector } from "../../../shared/model/kubernetes/scheduling.ts";
import type { CsiStorageCapacity } from "../../../shared/model/kubernetes/storage.ts";
import { aDemandPool, aDemandView, aNodeObject, aPendingPod, withStandby } from "./builders.ts";

const ZONE = "topology.kubernetes.io/zone";
const zones = (...names: readonly string[]): LabelSelector => ({
  matchExpressions: [{ key: ZONE, operator: "In", values: names }],
});

const aCapacity = (
  nodeTopology: LabelSelector | undefined,
  capacity: string | undefined,
  more: Partial<CsiStorageCapacity> = {},
): CsiStorageCapacity => ({
  metadata: { name: "c", namespace: "kube-system" },
  storageClassName: "local",
  ...(nodeTopology && { nodeTopology }),
  ...(capacity !== undefined && { capacity }),
  ...more,
});

const pool = withStandby(aDemandPool(), [
  aNodeObject("a", { zone: "us-east-1a" }),
  aNodeObject("b", { zone: "us-east-1b" }),
]);
const pod = aPendingPod("p", {}, { spec: { volumes: [{ name: "d", persistentVolumeClaim: { claimName: "data" } }] } });

const planWith = (storageCapacities: readonly CsiStorageCapacity[], volumeName?: string) =>
  planDemand(
    aDemandView({
      pods: [pod],
      pools: [pool],
      context: {
        claims: [
          {
            metadata: { name: "data", namespace: "default" },
            spec: {
              storageClassName: "local",
              resources: { requests: { storage: "10Gi" } },
              ...(volumeName !== undefined && { volumeName }),
            },
          },
        ],
        volumes: [{ metadata: { name: "v" }, spec: {} }],
        storageClasses: [
          { metadata: { name: "local" }, provisioner: "local.example.com", volumeBindingMode: "WaitForFirstConsumer" },
        ],
        storageCapacities,
      },
    }),
  );

const startedBy = (...storageCapacities: readonly CsiStorageCapacity[]) =>
  planWith(storageCapacities).starts.flatMap(({ records }) => records.map(({ nodeName }) => nodeName));

describe("a pod with an unbound claim starts a node", () => {
  const full = aCapacity(zones("us-east-1a"), "9Gi");

  it("where its driver has enough room", () => {
    expect(startedBy(full, aCapacity(zones("us-east-1b"), "10Gi"))).toEqual(["b"]);
    expect(startedBy(full, aCapacity(zones("us-east-1a"), "10Gi"))).toEqual(["a"]);
  });

  it("where its driver tells nothing yet", () => {
    expect(startedBy(full)).toEqual(["b"]);
    expect(startedBy(aCapacity(undefined, "1Gi"))).toEqual(["a"]);
    expect(startedBy(aCapacity(zones("us-east-1a"), "1Gi", { storageClassName: "other" }))).toEqual(["a"]);
  });

  it("where one volume can be large enough", () => {
    expect(startedBy(aCapacity(zones("us-east-1a"), "90Gi", { maximumVolumeSize: "9Gi" }))).toEqual(["b"]);
    expect(startedBy(aCapacity(zones("us-east-1a"), "90Gi", { maximumVolumeSize: "10Gi" }))).toEqual(["a"]);
  });

  it("nowhere if there is too little room everywhere, and is told", () => {
    const { starts, unschedulable } = planWith([aCapacity(zones("us-east-1a", "us-east-1b"), "9Gi")]);
    expect(starts).toEqual([]);
    expect(unschedulable.map(({ reasons }) => reasons)).toEqual([
      ["workers: claim data: its driver has not enough free storage there"],
    ]);
  });
});

it("capacity does not matter for a claim that has its volume", () => {
  const { starts } = planWith([aCapacity(zones("us-east-1a", "us-east-1b"), "1Gi")], "v");
  expect(starts.flatMap(({ records }) => records)).toHaveLength(1);
});
