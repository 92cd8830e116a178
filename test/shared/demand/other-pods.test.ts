import { describe, expect, it } from "vitest";
import type { KubePod, PodSpec } from "../../../shared/model/kubernetes/objects.ts";
import type { PodAffinityTerm, SpreadConstraint } from "../../../shared/model/kubernetes/scheduling.ts";
import {
  aDemandPool,
  aNodeObject,
  anOffer,
  bind,
  nodesOf,
  pods,
  startedNode,
  withStandby,
  withStarted,
} from "./builders.ts";

const HOST = "kubernetes.io/hostname";
const ZONE = "topology.kubernetes.io/zone";
const [A, B, C] = ["us-east-1a", "us-east-1b", "us-east-1c"];

const web = { matchLabels: { app: "web" } };
const term = (topologyKey: string, more: Partial<PodAffinityTerm> = {}) => ({
  labelSelector: web,
  topologyKey,
  ...more,
});
const near = (...terms: readonly PodAffinityTerm[]): Partial<PodSpec> => ({
  affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } },
});
const apart = (...terms: readonly PodAffinityTerm[]): Partial<PodSpec> => ({
  affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } },
});
const spread = (topologyKey: string, more: Partial<SpreadConstraint> = {}): Partial<PodSpec> => ({
  topologySpreadConstraints: [
    { labelSelector: web, topologyKey, maxSkew: 1, whenUnsatisfiable: "DoNotSchedule", ...more },
  ],
});

const small = (count: number, spec: Partial<PodSpec>, labels: Record<string, string> = { app: "web" }) =>
  pods(count, { cpu: "100m" }, { labels, spec });

const zones = (...names: readonly (string | undefined)[]) =>
  withStandby(
    aDemandPool(),
    names.map((zone, index) => aNodeObject(`n${index}`, { zone })),
  );

/** A node outside the pools, and what runs on it. */
const outside = (name: string, zone: string | undefined, running: readonly KubePod[]) => ({
  nodes: [aNodeObject(name, { zone, pool: "none" })],
  pods: running.map((pod) => bind(pod, name)),
});
const running = (labels: Record<string, string>, spec: Partial<PodSpec> = {}, namespace?: string) =>
  pods(1, {}, { labels, spec, namespace }).map((pod) => ({ ...pod, metadata: { ...pod.metadata, name: "running" } }));

const count = (nodes: Readonly<Record<string, readonly string[]>>) =>
  Object.values(nodes)
    .map((own) => own.length)
    .toSorted((one, other) => other - one);

describe("pods that keep apart", () => {
  it("get a node each", () => {
    expect(count(nodesOf({ pods: small(3, apart(term(HOST))), pools: [zones(A, A, A, A)] }))).toEqual([1, 1, 1]);
  });

  it("get a zone each, and no more nodes than there are zones", () => {
    expect(nodesOf({ pods: small(3, apart(term(ZONE))), pools: [zones(A, A, B)] })).toEqual({ n0: ["p0"], n2: ["p1"] });
  });

  it("keep off the node on which one of them is starting, and take another", () => {
    const [first, second] = small(2, apart(term(HOST)));
    const started = [startedNode(aNodeObject("up"), first ? [first] : [])];
    expect(nodesOf({ pods: second ? [second] : [], pools: [withStarted(zones(A), started)] })).toEqual({ n0: ["p1"] });
  });

  it("are kept off a zone by a running pod that wants none of them near", () => {
    const around = outside("o", A, running({ app: "db" }, apart(term(ZONE))));
    expect(nodesOf({ pods: small(1, {}), pools: [zones(A, B)], around })).toEqual({ n1: ["p0"] });
  });

  it("do not mind pods of another namespace, unless the term names it", () => {
    const around = outside("o", A, running({ app: "web" }, {}, "other"));
    const pool = zones(A);
    expect(nodesOf({ pods: small(1, apart(term(ZONE))), pools: [pool], around })).toEqual({ n0: ["p0"] });
    const named = apart(term(ZONE, { namespaces: ["other"] }));
    expect(nodesOf({ pods: small(1, named), pools: [pool], around })).toEqual({});
  });

  it("mind namespaces by their labels", () => {
    const namespaces = new Map([["other", { team: "a" }]]);
    const around = { ...outside("o", A, running({ app: "web" }, {}, "other")), namespaces };
    const of = (team: string) => apart(term(ZONE, { namespaceSelector: { matchLabels: { team } } }));
    expect(nodesOf({ pods: small(1, of("a")), pools: [zones(A)], around })).toEqual({});
    expect(nodesOf({ pods: small(1, of("b")), pools: [zones(A)], around })).toEqual({ n0: ["p0"] });
  });

  it("mind pods of their own revision only, where the term says so", () => {
    const around = outside("o", A, running({ app: "web", revision: "1" }));
    const spec = apart(term(ZONE, { matchLabelKeys: ["revision"] }));
    const of = (revision: string) => small(1, spec, { app: "web", revision });
    expect(nodesOf({ pods: of("1"), pools: [zones(A)], around })).toEqual({});
    expect(nodesOf({ pods: of("2"), pools: [zones(A)], around })).toEqual({ n0: ["p0"] });
  });

  it("mind pods of other tenants only, where the term says that", () => {
    const around = outside("o", A, running({ app: "web", tenant: "1" }));
    const spec = apart(term(ZONE, { mismatchLabelKeys: ["tenant"] }));
    const of = (tenant: string) => small(1, spec, { app: "web", tenant });
    expect(nodesOf({ pods: of("1"), pools: [zones(A)], around })).toEqual({ n0: ["p0"] });
    expect(nodesOf({ pods: of("2"), pools: [zones(A)], around })).toEqual({});
  });
});

describe("pods that want company", () => {
  it("start together, where the first of them may be anywhere", () => {
    expect(count(nodesOf({ pods: small(3, near(term(HOST))), pools: [zones(A, A)] }))).toEqual([3]);
  });

  it("start in the zone of those that run", () => {
    const around = outside("o", B, running({ app: "web" }));
    expect(nodesOf({ pods: small(1, near(term(ZONE)), {}), pools: [zones(A, B)], around })).toEqual({ n1: ["p0"] });
  });

  it("wait for company that is pending too, and then join it", () => {
    const first = pods(1, { cpu: "100m" }, { labels: { app: "web" }, spec: { nodeSelector: { [ZONE]: B ?? "" } } });
    const second = pods(1, { cpu: "1500m" }, { labels: { app: "db" }, spec: near(term(ZONE)) });
    const all = [...second, ...first].map((pod, index) => ({
      ...pod,
      metadata: { ...pod.metadata, name: `q${index}` },
    }));
    expect(nodesOf({ pods: all, pools: [zones(A, B)] })).toEqual({ n1: ["q1", "q0"] });
  });

  it("start nothing where there is none", () => {
    expect(nodesOf({ pods: small(1, near(term(ZONE)), { app: "db" }), pools: [zones(A)] })).toEqual({});
  });
});

describe("pods that are spread", () => {
  it("over zones get as many nodes as it takes to be even", () => {
    expect(nodesOf({ pods: small(3, spread(ZONE)), pools: [zones(A, A, B, C)] })).toEqual({
      n0: ["p0"],
      n2: ["p1"],
      n3: ["p2"],
    });
  });

  it("over zones go on filling these nodes", () => {
    expect(count(nodesOf({ pods: small(7, spread(ZONE)), pools: [zones(A, A, B, C)] }))).toEqual([3, 2, 2]);
  });

  it("make up for where others of them run", () => {
    const around = outside("o", A, running({ app: "web" }));
    expect(nodesOf({ pods: small(1, spread(ZONE)), pools: [zones(A, B)], around })).toEqual({ n1: ["p0"] });
  });

  it("do not count those that are on their way out", () => {
    const leaving = running({ app: "web" }).map((pod) => ({
      ...pod,
      metadata: { ...pod.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" },
    }));
    const around = outside("o", A, leaving);
    expect(nodesOf({ pods: small(1, spread(ZONE)), pools: [zones(A, A, B)], around })).toEqual({ n0: ["p0"] });
  });

  it("by preference only share a node", () => {
    expect(
      count(nodesOf({ pods: small(3, spread(ZONE, { whenUnsatisfiable: "ScheduleAnyway" })), pools: [zones(A, B)] })),
    ).toEqual([3]);
  });

  it("over hosts get a node each while there are stopped ones, which count as empty", () => {
    expect(count(nodesOf({ pods: small(3, spread(HOST)), pools: [zones(A, A, A, A)] }))).toEqual([1, 1, 1]);
  });

  it("over hosts share nodes once all are started", () => {
    expect(count(nodesOf({ pods: small(4, spread(HOST)), pools: [zones(A, A)] }))).toEqual([2, 2]);
  });

  it("over hosts whose taints they honour do not count stopped ones", () => {
    expect(
      count(nodesOf({ pods: small(3, spread(HOST, { nodeTaintsPolicy: "Honor" })), pools: [zones(A, A, A)] })),
    ).toEqual([3]);
  });

  it("over a number of zones at least wait for the missing one", () => {
    expect(count(nodesOf({ pods: small(3, spread(ZONE, { minDomains: 3 })), pools: [zones(A, A, B)] }))).toEqual([
      1, 1,
    ]);
  });

  it("over zones where they cannot go pass over these, unless told otherwise", () => {
    const only = { nodeSelector: { [ZONE]: A ?? "" } };
    const pool = zones(A, B);
    expect(count(nodesOf({ pods: small(2, { ...spread(ZONE), ...only }), pools: [pool] }))).toEqual([2]);
    const ignoring = { ...spread(ZONE, { nodeAffinityPolicy: "Ignore" }), ...only };
    expect(count(nodesOf({ pods: small(2, ignoring), pools: [pool] }))).toEqual([1]);
  });

  it("by revision do not count another one", () => {
    const around = outside("o", A, running({ app: "web", revision: "1" }));
    const spec = spread(ZONE, { matchLabelKeys: ["revision"] });
    expect(nodesOf({ pods: small(1, spec, { app: "web", revision: "2" }), pools: [zones(A, A, B)], around })).toEqual({
      n0: ["p0"],
    });
  });

  it("are launched in every zone that a pool reaches", () => {
    const pool = aDemandPool({ launchCapacity: { maxNodes: 5, offerings: [A, B].map((zone) => anOffer({ zone })) } });
    expect(Object.keys(nodesOf({ pods: small(2, spread(ZONE)), pools: [pool] }))).toEqual([
      "us-east-1a/m5.large 1",
      "us-east-1b/m5.large 1",
    ]);
  });

  it("over hosts share launched nodes as the scheduler will share them out", () => {
    const pool = aDemandPool({
      launchCapacity: { maxNodes: 5, offerings: [anOffer({ allocatable: { cpu: "300m", pods: "9" } })] },
    });
    expect(count(nodesOf({ pods: small(4, spread(HOST)), pools: [pool] }))).toEqual([2, 2]);
  });
});
