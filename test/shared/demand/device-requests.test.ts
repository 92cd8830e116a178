/** Pods with resource claims, and pods that request an extended resource that a device class stands for. */
import { describe, expect, it } from "vitest";
import { planDemand } from "../../../shared/demand/plan-demand.ts";
import type { ClusterContext, DemandPool } from "../../../shared/demand/view.ts";
import type { DeviceClass, ExactDeviceRequest, ResourceClaim } from "../../../shared/model/kubernetes/devices.ts";
import type { KubePod } from "../../../shared/model/kubernetes/objects.ts";
import {
  aDemandPool,
  aDemandView,
  aNodeObject,
  anOffering,
  aPendingPod,
  aPool,
  aTemplate,
  nodesOf,
  startedNode,
  withStarted,
} from "./builders.ts";

const SIZE = { cpu: "2", memory: "8Gi", pods: "10" };
const template = (devices: Readonly<Record<string, string>>) =>
  aTemplate({ estimates: new Map([["m5.large", { ...SIZE, ...devices }]]) });
const launching = (devices: Readonly<Record<string, string>>, overrides: Partial<DemandPool> = {}) =>
  aDemandPool({
    template: template(devices),
    launchCapacity: { maxNodes: 9, offerings: [anOffering()] },
    ...overrides,
  });
const gpus = launching({ "nvidia.com/gpu": "2" });

const aClass = (name: string, extendedResourceName?: string): DeviceClass => ({
  metadata: { name },
  spec: { ...(extendedResourceName !== undefined && { extendedResourceName }) },
});
const CLASSES = [
  aClass("gpu.nvidia.com"),
  aClass("whole", "nvidia.com/gpu"),
  aClass("fpga", "example.com/fpga"),
  aClass("nic"),
];

const aClaim = (
  name: string,
  deviceClassName: string,
  more: Partial<ExactDeviceRequest> = {},
  rest: Partial<ResourceClaim> = {},
): ResourceClaim => ({
  metadata: { name, namespace: "default" },
  spec: { devices: { requests: [{ name: "device", exactly: { deviceClassName, ...more } }] } },
  ...rest,
});

/** A pod whose claim was created from a template. */
const withClaim = (name: string): KubePod => {
  const spec = { resourceClaims: [{ name: "device", resourceClaimTemplateName: "devices" }] };
  const pod = aPendingPod(name, { cpu: "100m" }, { spec });
  const resourceClaimStatuses = [{ name: "device", resourceClaimName: `${name}-claim` }];
  return { ...pod, status: { ...pod.status, resourceClaimStatuses } };
};

const contextOf = (...claims: readonly ResourceClaim[]): Partial<ClusterContext> => ({
  devices: { classes: CLASSES, claims },
});
const reasonsFor = (pod: KubePod, pool: DemandPool, context: Partial<ClusterContext>) =>
  planDemand(aDemandView({ pods: [pod], pools: [pool], context })).unschedulable.flatMap(({ reasons }) => reasons);

describe("a pod with a resource claim", () => {
  it.each([
    { name: "for NVIDIA's GPUs", deviceClass: "gpu.nvidia.com" },
    { name: "for a class that stands for a resource that EC2 tells of", deviceClass: "whole" },
  ])("$name is served by as many nodes as have the devices", ({ deviceClass }) => {
    const names = ["a", "b", "c"];
    const claims = names.map((name) => aClaim(`${name}-claim`, deviceClass));
    const nodes = nodesOf({ pods: names.map(withClaim), pools: [gpus], context: contextOf(...claims) });
    expect(Object.values(nodes)).toEqual([["a", "b"], ["c"]]);
  });

  it("takes as many devices as its claim says", () => {
    const claims = ["a", "b"].map((name) => aClaim(`${name}-claim`, "whole", { count: 2 }));
    const nodes = nodesOf({ pods: ["a", "b"].map(withClaim), pools: [gpus], context: contextOf(...claims) });
    expect(Object.keys(nodes)).toHaveLength(2);
  });

  it("has no room where other pods have taken the devices", () => {
    const spec = { resourceClaims: [{ name: "device", resourceClaimName: "running-claim" }] };
    const node = aNodeObject("n", { allocatable: { ...SIZE, "nvidia.com/gpu": "2" } });
    const pool = withStarted(gpus, [startedNode(node, [aPendingPod("running", {}, { spec })])]);
    const names = ["a", "b"];
    const claims = ["running", ...names].map((name) => aClaim(`${name}-claim`, "whole"));
    const nodes = nodesOf({ pods: names.map(withClaim), pools: [pool], context: contextOf(...claims) });
    expect(Object.values(nodes)).toEqual([["b"]]);
  });

  const alternatives = { devices: { requests: [{ name: "device", firstAvailable: [{}] }] } };
  it.each([
    { name: "does not exist", claims: [], reason: "resource claim device does not exist" },
    {
      name: "is allocated already",
      claims: [aClaim("p-claim", "whole", {}, { status: { allocation: {} } })],
      reason: "the devices of resource claim device are allocated on another node",
    },
    {
      name: "selects devices by their attributes",
      claims: [aClaim("p-claim", "whole", { selectors: [{}] })],
      reason: "resource claim device has selectors, and which devices meet them is not known before they exist",
    },
    {
      name: "asks for all devices",
      claims: [aClaim("p-claim", "whole", { allocationMode: "All" })],
      reason:
        "resource claim device has allocation mode All, and which devices meet them is not known before they exist",
    },
    {
      name: "has alternatives",
      claims: [aClaim("p-claim", "whole", {}, { spec: alternatives })],
      reason: "resource claim device has alternatives, and which devices meet them is not known before they exist",
    },
    {
      name: "is for a class that does not exist",
      claims: [aClaim("p-claim", "gone")],
      reason: "resource claim device: device class gone does not exist",
    },
    {
      name: "is for a class of which nothing is known",
      claims: [aClaim("p-claim", "nic")],
      reason: "insufficient deviceclass.resource.kubernetes.io/nic (requests 1, a node has 0)",
    },
    {
      name: "is for devices that the instance types do not have",
      claims: [aClaim("p-claim", "whole", { count: 3 })],
      reason: "insufficient nvidia.com/gpu (requests 3, a node has 2)",
    },
  ])("that $name starts nothing, and is told", ({ claims, reason }) => {
    expect(nodesOf({ pods: [withClaim("p")], pools: [gpus], context: contextOf(...claims) })).toEqual({});
    expect(reasonsFor(withClaim("p"), gpus, contextOf(...claims))).toEqual([`workers: ${reason}`]);
  });

  it("starts nothing if the cluster serves no claims, and is told", () => {
    expect(nodesOf({ pods: [withClaim("p")], pools: [gpus] })).toEqual({});
    expect(reasonsFor(withClaim("p"), gpus, {})).toEqual([
      "workers: resource claims (dynamic resource allocation) are not supported",
    ]);
  });

  it("that several pending pods share starts one node, for the first of them", () => {
    const shared = (name: string) =>
      aPendingPod(name, { cpu: "2" }, { spec: { resourceClaims: [{ name: "device", resourceClaimName: "one" }] } });
    const nodes = nodesOf({
      pods: [shared("b"), shared("a")],
      pools: [gpus],
      context: contextOf(aClaim("one", "whole")),
    });
    expect(Object.values(nodes)).toEqual([["a"]]);
  });
});

describe("an extended resource that a device class stands for", () => {
  const pod = aPendingPod("p", { "example.com/fpga": "1" });

  it("is not known to be on new nodes: the pod starts nothing, and is told", () => {
    expect(nodesOf({ pods: [pod], pools: [gpus], context: contextOf() })).toEqual({});
    expect(reasonsFor(pod, gpus, contextOf())).toEqual([
      "workers: insufficient example.com/fpga (requests 1, a node has 0)",
    ]);
  });

  it("is served by nodes that report it", () => {
    const pool = aPool("a", 1, { ...SIZE, "example.com/fpga": "1" } as typeof SIZE);
    expect(nodesOf({ pods: [pod], pools: [pool], context: contextOf() })).toEqual({ a0: ["p"] });
  });
});
