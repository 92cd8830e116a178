import { describe, expect, it } from "vitest";
import { planDemand } from "../../../shared/demand/plan-demand.ts";
import type { ClusterContext } from "../../../shared/demand/view.ts";
import type {
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
} from "../../../shared/model/kubernetes/storage.ts";
import {
  aDemandPool,
  aDemandView,
  aNodeObject,
  anOffering,
  aPendingPod,
  bind,
  nodesOf,
  startedNode,
  withStandby,
  withStarted,
} from "./builders.ts";

const ZONE = "topology.kubernetes.io/zone";
const EBS = "ebs.csi.aws.com";

const pool = withStandby(aDemandPool(), [
  aNodeObject("a", { zone: "us-east-1a" }),
  aNodeObject("b", { zone: "us-east-1b" }),
]);

const aClaim = (name: string, spec: PersistentVolumeClaim["spec"], annotations = {}): PersistentVolumeClaim => ({
  metadata: { name, namespace: "default", annotations },
  spec,
});
const inZone = (zone: string) => ({
  required: { nodeSelectorTerms: [{ matchExpressions: [{ key: ZONE, operator: "In", values: [zone] }] }] },
});
const aVolume = (name: string, spec: PersistentVolume["spec"], labels = {}): PersistentVolume => ({
  metadata: { name, labels },
  spec,
});
const aStorageClass = (name: string, overrides: Partial<StorageClass> = {}): StorageClass => ({
  metadata: { name },
  provisioner: EBS,
  volumeBindingMode: "WaitForFirstConsumer",
  ...overrides,
});

const withClaims = (name: string, ...claims: readonly string[]) =>
  aPendingPod(
    name,
    {},
    { spec: { volumes: claims.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } })) } },
  );

const nodesFor = (context: Partial<ClusterContext>, pod = withClaims("p", "data")) =>
  nodesOf({ pods: [pod], pools: [pool], context });
const reasonFor = (context: Partial<ClusterContext>, pod = withClaims("p", "data")) =>
  planDemand(aDemandView({ pods: [pod], pools: [pool], context })).unschedulable.map(({ reasons }) => reasons);

it("a pod whose claim is being deleted starts nothing", () => {
  const { metadata: existing } = aClaim("data", {});
  const metadata = { ...existing, deletionTimestamp: "2026-03-01T12:00:00Z" };
  const context = { claims: [{ metadata, spec: { volumeName: "v" } }], volumes: [aVolume("v", {})] };
  expect(nodesFor(context)).toEqual({});
  expect(reasonFor(context)).toEqual([["workers: claim data is being deleted"]]);
});

describe("a pod with a volume starts a node", () => {
  const bound = [aClaim("data", { volumeName: "v" })];

  it("in the volume's zone", () => {
    expect(nodesFor({ claims: bound, volumes: [aVolume("v", { nodeAffinity: inZone("us-east-1b") })] })).toEqual({
      b: ["p"],
    });
  });

  it("in one of the zones in the labels of a volume without node affinity", () => {
    const volumes = [aVolume("v", {}, { [ZONE]: "us-east-1b__us-east-1c" })];
    expect(nodesFor({ claims: bound, volumes })).toEqual({ b: ["p"] });
  });

  it("where its storage class can provision the volume", () => {
    const allowedTopologies = [{ matchLabelExpressions: [{ key: ZONE, values: ["us-east-1b"] }] }];
    const context = {
      claims: [aClaim("data", { storageClassName: "ebs" })],
      storageClasses: [aStorageClass("ebs", { allowedTopologies })],
    };
    expect(nodesFor(context)).toEqual({ b: ["p"] });
  });

  it("anywhere, if the volume is not provisioned yet and its storage class does not restrict it", () => {
    const context = {
      claims: [aClaim("data", { storageClassName: "ebs" })],
      storageClasses: [aStorageClass("ebs")],
    };
    expect(Object.values(nodesFor(context))).toEqual([["p"]]);
  });

  it("on the node that the volume is already being provisioned for", () => {
    const selected = { "volume.kubernetes.io/selected-node": "b" };
    const context = {
      claims: [aClaim("data", { storageClassName: "ebs" }, selected)],
      storageClasses: [aStorageClass("ebs")],
    };
    expect(nodesFor(context)).toEqual({ b: ["p"] });
  });

  it("where a volume of a class without a provisioner is unclaimed", () => {
    const context = {
      claims: [aClaim("data", { storageClassName: "local" })],
      storageClasses: [aStorageClass("local", { provisioner: "kubernetes.io/no-provisioner" })],
      volumes: [
        aVolume("taken", { storageClassName: "local", claimRef: { name: "x" }, nodeAffinity: inZone("us-east-1a") }),
        aVolume("free", { storageClassName: "local", nodeAffinity: inZone("us-east-1b") }),
      ],
    };
    expect(nodesFor(context)).toEqual({ b: ["p"] });
  });

  it("in the zone of its ephemeral volume", () => {
    const pod = aPendingPod("p", {}, { spec: { volumes: [{ name: "scratch", ephemeral: {} }] } });
    const volumes = [aVolume("v", { nodeAffinity: inZone("us-east-1b") })];
    expect(nodesFor({ claims: [aClaim("p-scratch", { volumeName: "v" })], volumes }, pod)).toEqual({ b: ["p"] });
  });

  it("anywhere, if claims have not been read", () => {
    expect(Object.values(nodesFor({}))).toEqual([["p"]]);
  });
});

describe("no node can help, and the reason says why, if", () => {
  it.each([
    { name: "a claim is missing", context: { claims: [] }, reason: "claim data does not exist" },
    {
      name: "its volume is missing",
      context: { claims: [aClaim("data", { volumeName: "v" })] },
      reason: "claim data: its volume v does not exist",
    },
    {
      name: "its storage class is missing",
      context: { claims: [aClaim("data", { storageClassName: "none" })] },
      reason: "claim data is unbound and its storage class does not exist",
    },
    {
      name: "a claim of an Immediate class is not bound",
      context: {
        claims: [aClaim("data", { storageClassName: "ebs" })],
        storageClasses: [aStorageClass("ebs", { volumeBindingMode: "Immediate" })],
      },
      reason: "claim data is not bound yet",
    },
    {
      name: "no volume is unclaimed",
      context: {
        claims: [aClaim("data", { storageClassName: "local" })],
        storageClasses: [aStorageClass("local", { provisioner: "kubernetes.io/no-provisioner" })],
      },
      reason: "claim data: storage class local has no unclaimed volume",
    },
    {
      name: "the volume is in a zone that the pool does not reach",
      context: {
        claims: [aClaim("data", { volumeName: "v" })],
        volumes: [aVolume("v", { nodeAffinity: inZone("us-east-1c") })],
      },
      reason: "volume requires topology.kubernetes.io/zone in (us-east-1c)",
    },
  ])("$name", ({ context, reason }) => {
    expect(nodesFor(context)).toEqual({});
    expect(reasonFor(context)).toEqual([[`workers: ${reason}`]]);
  });
});

describe("a node takes as many volumes as can be attached to it", () => {
  const limit = (node: string, count: number) => ({
    metadata: { name: node },
    spec: { drivers: [{ name: EBS, allocatable: { count } }] },
  });
  const claims = ["c0", "c1", "c2", "c3"].map((name) => aClaim(name, { volumeName: name }));
  const volumes = claims.map(({ metadata }) => aVolume(metadata.name, { csi: { driver: EBS } }));
  const three = ["c0", "c1", "c2"].map((claim, index) => withClaims(`p${index}`, claim));

  it("counting in-tree EBS volumes as the driver's", () => {
    const inTree = claims.map(({ metadata }) =>
      aVolume(metadata.name, { awsElasticBlockStore: { volumeID: "vol-1" } }),
    );
    const context = { claims, volumes: inTree, csiNodes: [limit("a", 2), limit("b", 2)] };
    const nodes = nodesOf({ pods: three, pools: [pool], context });
    expect(Object.values(nodes).map((own) => own.length)).toEqual([2, 1]);
  });

  it("counting volumes of pending pods", () => {
    const context = { claims, volumes, csiNodes: [limit("a", 2), limit("b", 2)] };
    const nodes = nodesOf({ pods: three, pools: [pool], context });
    expect(Object.values(nodes).map((own) => own.length)).toEqual([2, 1]);
  });

  it("counting volumes that are already attached", () => {
    const up = startedNode(aNodeObject("up"), [bind(withClaims("running", "c3"), "up")]);
    const context = { claims, volumes, csiNodes: [limit("up", 2), limit("a", 9)] };
    const nodes = nodesOf({ pods: three, pools: [withStarted(pool, [up])], context });
    expect(Object.values(nodes).map((own) => own.length)).toEqual([2]);
  });

  it("with the limit of another node of its type, if it is to be launched or its CSINode reports no limit yet", () => {
    const launching = { ...pool, standby: [], launchCapacity: { maxNodes: 9, offerings: [anOffering()] } };
    const context = { claims, volumes, csiNodes: [limit("a", 1)] };
    expect(Object.keys(nodesOf({ pods: three, pools: [launching], context }))).toHaveLength(3);
    expect(Object.values(nodesOf({ pods: three, pools: [pool], context })).map((own) => own.length)).toEqual([1, 1]);
  });

  it("with the limit of its new type, not the one that it reported, if its instance is to be changed to another type", () => {
    const labels = { "node.kubernetes.io/instance-type": "m6i.xlarge" };
    const [record] = pool.standby;
    const resizing = {
      ...withStandby(pool, [aNodeObject("other", { labels })]),
      standby: [],
      resizable: record ? [{ record, instanceType: "m6i.xlarge" }] : [],
    };
    const context = { claims, volumes, csiNodes: [limit("a", 1), limit("other", 2)] };
    const nodes = nodesOf({ pods: three, pools: [resizing], context });
    expect(Object.entries(nodes).map(([name, own]) => [name, own.length])).toEqual([["a", 2]]);
  });

  it("without a limit if its CSINode has no drivers, which the API server returns as null", () => {
    const csiNodes = ["a", "b"].map((name) => ({ metadata: { name }, spec: { drivers: null } }));
    const nodes = nodesOf({ pods: three, pools: [pool], context: { claims, volumes, csiNodes } });
    expect(Object.values(nodes).map((own) => own.length)).toEqual([3]);
  });

  it("without a limit if the driver reports none", () => {
    const nodes = nodesOf({ pods: three, pools: [pool], context: { claims, volumes } });
    expect(Object.values(nodes).map((own) => own.length)).toEqual([3]);
  });
});
