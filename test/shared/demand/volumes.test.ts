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
  anOffer,
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

const nodesFor = (around: Partial<ClusterContext>, pod = withClaims("p", "data")) =>
  nodesOf({ pods: [pod], pools: [pool], around });
const reasonFor = (around: Partial<ClusterContext>, pod = withClaims("p", "data")) =>
  planDemand(aDemandView({ pods: [pod], pools: [pool], around })).unschedulable.map(({ reasons }) => reasons);

describe("a pod with a volume starts a node", () => {
  const bound = [aClaim("data", { volumeName: "v" })];

  it("in the volume's zone", () => {
    expect(nodesFor({ claims: bound, volumes: [aVolume("v", { nodeAffinity: inZone("us-east-1b") })] })).toEqual({
      b: ["p"],
    });
  });

  it("in one of the zones that an old volume is labelled with", () => {
    const volumes = [aVolume("v", {}, { [ZONE]: "us-east-1b__us-east-1c" })];
    expect(nodesFor({ claims: bound, volumes })).toEqual({ b: ["p"] });
  });

  it("where its storage class may make the volume", () => {
    const allowedTopologies = [{ matchLabelExpressions: [{ key: ZONE, values: ["us-east-1b"] }] }];
    const around = {
      claims: [aClaim("data", { storageClassName: "ebs" })],
      storageClasses: [aStorageClass("ebs", { allowedTopologies })],
    };
    expect(nodesFor(around)).toEqual({ b: ["p"] });
  });

  it("anywhere, if the volume is yet to be made and may be anywhere", () => {
    const around = {
      claims: [aClaim("data", { storageClassName: "ebs" })],
      storageClasses: [aStorageClass("ebs")],
    };
    expect(Object.values(nodesFor(around))).toEqual([["p"]]);
  });

  it("where the volume is being made already", () => {
    const selected = { "volume.kubernetes.io/selected-node": "b" };
    const around = {
      claims: [aClaim("data", { storageClassName: "ebs" }, selected)],
      storageClasses: [aStorageClass("ebs")],
    };
    expect(nodesFor(around)).toEqual({ b: ["p"] });
  });

  it("where a volume of a class that makes none is free", () => {
    const around = {
      claims: [aClaim("data", { storageClassName: "local" })],
      storageClasses: [aStorageClass("local", { provisioner: "kubernetes.io/no-provisioner" })],
      volumes: [
        aVolume("taken", { storageClassName: "local", claimRef: { name: "x" }, nodeAffinity: inZone("us-east-1a") }),
        aVolume("free", { storageClassName: "local", nodeAffinity: inZone("us-east-1b") }),
      ],
    };
    expect(nodesFor(around)).toEqual({ b: ["p"] });
  });

  it("for a volume that is made for it alone", () => {
    const pod = aPendingPod("p", {}, { spec: { volumes: [{ name: "scratch", ephemeral: {} }] } });
    const volumes = [aVolume("v", { nodeAffinity: inZone("us-east-1b") })];
    expect(nodesFor({ claims: [aClaim("p-scratch", { volumeName: "v" })], volumes }, pod)).toEqual({ b: ["p"] });
  });

  it("whatever its volumes, while claims have not been read", () => {
    expect(Object.values(nodesFor({}))).toEqual([["p"]]);
  });
});

describe("no node can help, and the reason says so, where", () => {
  it.each([
    { name: "a claim is missing", around: { claims: [] }, reason: "claim data does not exist" },
    {
      name: "its volume is missing",
      around: { claims: [aClaim("data", { volumeName: "v" })] },
      reason: "volume v of claim data does not exist",
    },
    {
      name: "its storage class is missing",
      around: { claims: [aClaim("data", { storageClassName: "none" })] },
      reason: "claim data is not bound and its storage class does not exist",
    },
    {
      name: "it should have been bound at once",
      around: {
        claims: [aClaim("data", { storageClassName: "ebs" })],
        storageClasses: [aStorageClass("ebs", { volumeBindingMode: "Immediate" })],
      },
      reason: "claim data is not bound yet",
    },
    {
      name: "no volume is free",
      around: {
        claims: [aClaim("data", { storageClassName: "local" })],
        storageClasses: [aStorageClass("local", { provisioner: "kubernetes.io/no-provisioner" })],
      },
      reason: "no volume of storage class local is free for claim data",
    },
    {
      name: "the volume is in a zone without the pool",
      around: {
        claims: [aClaim("data", { volumeName: "v" })],
        volumes: [aVolume("v", { nodeAffinity: inZone("us-east-1c") })],
      },
      reason: "volume in topology.kubernetes.io/zone in (us-east-1c)",
    },
  ])("$name", ({ around, reason }) => {
    expect(nodesFor(around)).toEqual({});
    expect(reasonFor(around)).toEqual([[`workers: ${reason}`]]);
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

  it("counting those of pending pods", () => {
    const around = { claims, volumes, csiNodes: [limit("a", 2), limit("b", 2)] };
    const nodes = nodesOf({ pods: three, pools: [pool], around });
    expect(Object.values(nodes).map((own) => own.length)).toEqual([2, 1]);
  });

  it("and those that are there", () => {
    const up = startedNode(aNodeObject("up"), [bind(withClaims("running", "c3"), "up")]);
    const around = { claims, volumes, csiNodes: [limit("up", 2), limit("a", 9)] };
    const nodes = nodesOf({ pods: three, pools: [withStarted(pool, [up])], around });
    expect(Object.values(nodes).map((own) => own.length)).toEqual([2]);
  });

  it("as one of its type does, where it is launched or its drivers have not told yet", () => {
    const launching = { ...pool, standby: [], launchCapacity: { maxNodes: 9, offerings: [anOffer()] } };
    const around = { claims, volumes, csiNodes: [limit("a", 1)] };
    expect(Object.keys(nodesOf({ pods: three, pools: [launching], around }))).toHaveLength(3);
    expect(Object.values(nodesOf({ pods: three, pools: [pool], around })).map((own) => own.length)).toEqual([1, 1]);
  });

  it("with no limit on a node that has no drivers at all, which the API server writes as null", () => {
    const csiNodes = ["a", "b"].map((name) => ({ metadata: { name }, spec: { drivers: null } }));
    const nodes = nodesOf({ pods: three, pools: [pool], around: { claims, volumes, csiNodes } });
    expect(Object.values(nodes).map((own) => own.length)).toEqual([3]);
  });

  it("with no limit for a driver that names none", () => {
    const nodes = nodesOf({ pods: three, pools: [pool], around: { claims, volumes } });
    expect(Object.values(nodes).map((own) => own.length)).toEqual([3]);
  });
});
