import { describe, expect, it } from "vitest";
import type { KubePod, PodSpec } from "../../../shared/model/kubernetes/objects.ts";
import type { PodAffinityTerm, SpreadConstraint } from "../../../shared/model/kubernetes/scheduling.ts";
import {
  aDemandPool,
  aNodeObject,
  anOffering,
  aTemplate,
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
const affinity = (...terms: readonly PodAffinityTerm[]): Partial<PodSpec> => ({
  affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } },
});
const antiAffinity = (...terms: readonly PodAffinityTerm[]): Partial<PodSpec> => ({
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

/** A node outside the pools with its running pods. */
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

describe("pods with anti-affinity", () => {
  it("get one node each", () => {
    expect(count(nodesOf({ pods: small(3, antiAffinity(term(HOST))), pools: [zones(A, A, A, A)] }))).toEqual([1, 1, 1]);
  });

  it("get one zone each, and no more nodes than there are zones", () => {
    expect(nodesOf({ pods: small(3, antiAffinity(term(ZONE))), pools: [zones(A, A, B)] })).toEqual({
      n0: ["p0"],
      n2: ["p1"],
    });
  });

  it("avoid a starting node that one of them is bound to, and get another", () => {
    const [first, second] = small(2, antiAffinity(term(HOST)));
    const started = [startedNode(aNodeObject("up"), first ? [first] : [])];
    expect(nodesOf({ pods: second ? [second] : [], pools: [withStarted(zones(A), started)] })).toEqual({ n0: ["p1"] });
  });

  it("avoid a zone where a running pod has anti-affinity to them", () => {
    const context = outside("o", A, running({ app: "db" }, antiAffinity(term(ZONE))));
    expect(nodesOf({ pods: small(1, {}), pools: [zones(A, B)], context })).toEqual({ n1: ["p0"] });
  });

  it("ignore pods of another namespace unless the term names it", () => {
    const context = outside("o", A, running({ app: "web" }, {}, "other"));
    const pool = zones(A);
    expect(nodesOf({ pods: small(1, antiAffinity(term(ZONE))), pools: [pool], context })).toEqual({ n0: ["p0"] });
    const named = antiAffinity(term(ZONE, { namespaces: ["other"] }));
    expect(nodesOf({ pods: small(1, named), pools: [pool], context })).toEqual({});
  });

  it("avoid pods of namespaces that the namespace selector matches", () => {
    const namespaces = new Map([["other", { team: "a" }]]);
    const context = { ...outside("o", A, running({ app: "web" }, {}, "other")), namespaces };
    const of = (team: string) => antiAffinity(term(ZONE, { namespaceSelector: { matchLabels: { team } } }));
    expect(nodesOf({ pods: small(1, of("a")), pools: [zones(A)], context })).toEqual({});
    expect(nodesOf({ pods: small(1, of("b")), pools: [zones(A)], context })).toEqual({ n0: ["p0"] });
  });

  it("avoid only pods of their own revision with matchLabelKeys", () => {
    const context = outside("o", A, running({ app: "web", revision: "1" }));
    const spec = antiAffinity(term(ZONE, { matchLabelKeys: ["revision"] }));
    const of = (revision: string) => small(1, spec, { app: "web", revision });
    expect(nodesOf({ pods: of("1"), pools: [zones(A)], context })).toEqual({});
    expect(nodesOf({ pods: of("2"), pools: [zones(A)], context })).toEqual({ n0: ["p0"] });
  });

  it("avoid only pods of other tenants with mismatchLabelKeys", () => {
    const context = outside("o", A, running({ app: "web", tenant: "1" }));
    const spec = antiAffinity(term(ZONE, { mismatchLabelKeys: ["tenant"] }));
    const of = (tenant: string) => small(1, spec, { app: "web", tenant });
    expect(nodesOf({ pods: of("1"), pools: [zones(A)], context })).toEqual({ n0: ["p0"] });
    expect(nodesOf({ pods: of("2"), pools: [zones(A)], context })).toEqual({});
  });
});

describe("pods with affinity", () => {
  it("to each other start together, wherever the first one goes", () => {
    expect(count(nodesOf({ pods: small(3, affinity(term(HOST))), pools: [zones(A, A)] }))).toEqual([3]);
  });

  it("start in the zone of a matching running pod", () => {
    const context = outside("o", B, running({ app: "web" }));
    expect(nodesOf({ pods: small(1, affinity(term(ZONE)), {}), pools: [zones(A, B)], context })).toEqual({
      n1: ["p0"],
    });
  });

  it("to a pod that is pending too follow it", () => {
    const first = pods(1, { cpu: "100m" }, { labels: { app: "web" }, spec: { nodeSelector: { [ZONE]: B ?? "" } } });
    const second = pods(1, { cpu: "1500m" }, { labels: { app: "db" }, spec: affinity(term(ZONE)) });
    const all = [...second, ...first].map((pod, index) => ({
      ...pod,
      metadata: { ...pod.metadata, name: `q${index}` },
    }));
    expect(nodesOf({ pods: all, pools: [zones(A, B)] })).toEqual({ n1: ["q1", "q0"] });
  });

  it("to no existing pod start nothing", () => {
    expect(nodesOf({ pods: small(1, affinity(term(ZONE)), { app: "db" }), pools: [zones(A)] })).toEqual({});
  });
});

describe("pods with topology spread", () => {
  it("over zones get as many nodes as an even spread needs", () => {
    expect(nodesOf({ pods: small(3, spread(ZONE)), pools: [zones(A, A, B, C)] })).toEqual({
      n0: ["p0"],
      n2: ["p1"],
      n3: ["p2"],
    });
  });

  it("over zones then fill these nodes", () => {
    expect(count(nodesOf({ pods: small(7, spread(ZONE)), pools: [zones(A, A, B, C)] }))).toEqual([3, 2, 2]);
  });

  it("count matching pods that already run", () => {
    const context = outside("o", A, running({ app: "web" }));
    expect(nodesOf({ pods: small(1, spread(ZONE)), pools: [zones(A, B)], context })).toEqual({ n1: ["p0"] });
  });

  it("do not count terminating pods", () => {
    const leaving = running({ app: "web" }).map((pod) => ({
      ...pod,
      metadata: { ...pod.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" },
    }));
    const context = outside("o", A, leaving);
    expect(nodesOf({ pods: small(1, spread(ZONE)), pools: [zones(A, A, B)], context })).toEqual({ n0: ["p0"] });
  });

  it("share a node if the spread is only a preference", () => {
    expect(
      count(nodesOf({ pods: small(3, spread(ZONE, { whenUnsatisfiable: "ScheduleAnyway" })), pools: [zones(A, B)] })),
    ).toEqual([3]);
  });

  it("over hosts get one node each while there are stopped nodes, which count as empty", () => {
    expect(count(nodesOf({ pods: small(3, spread(HOST)), pools: [zones(A, A, A, A)] }))).toEqual([1, 1, 1]);
  });

  it("over hosts share nodes once all nodes are started", () => {
    expect(count(nodesOf({ pods: small(4, spread(HOST)), pools: [zones(A, A)] }))).toEqual([2, 2]);
  });

  it("over hosts do not count stopped nodes if nodeTaintsPolicy is Honor", () => {
    expect(
      count(nodesOf({ pods: small(3, spread(HOST, { nodeTaintsPolicy: "Honor" })), pools: [zones(A, A, A)] })),
    ).toEqual([3]);
  });

  it("over minDomains zones wait for the missing zone", () => {
    expect(count(nodesOf({ pods: small(3, spread(ZONE, { minDomains: 3 })), pools: [zones(A, A, B)] }))).toEqual([
      1, 1,
    ]);
  });

  it("ignore zones where they cannot run, unless nodeAffinityPolicy is Ignore", () => {
    const only = { nodeSelector: { [ZONE]: A ?? "" } };
    const pool = zones(A, B);
    expect(count(nodesOf({ pods: small(2, { ...spread(ZONE), ...only }), pools: [pool] }))).toEqual([2]);
    const ignoring = { ...spread(ZONE, { nodeAffinityPolicy: "Ignore" }), ...only };
    expect(count(nodesOf({ pods: small(2, ignoring), pools: [pool] }))).toEqual([1]);
  });

  it("with matchLabelKeys do not count other revisions", () => {
    const context = outside("o", A, running({ app: "web", revision: "1" }));
    const spec = spread(ZONE, { matchLabelKeys: ["revision"] });
    expect(nodesOf({ pods: small(1, spec, { app: "web", revision: "2" }), pools: [zones(A, A, B)], context })).toEqual({
      n0: ["p0"],
    });
  });

  it("are launched in every zone that the pool reaches", () => {
    const pool = aDemandPool({
      launchCapacity: { maxNodes: 5, offerings: [A, B].map((zone) => anOffering({ zone })) },
    });
    expect(Object.keys(nodesOf({ pods: small(2, spread(ZONE)), pools: [pool] }))).toEqual([
      "us-east-1a/m5.large 1",
      "us-east-1b/m5.large 1",
    ]);
  });

  it("over hosts are spread over launched nodes as the scheduler will spread them", () => {
    const pool = aDemandPool({
      launchCapacity: { maxNodes: 5, offerings: [anOffering()] },
      template: aTemplate({ estimates: new Map([["m5.large", { cpu: "300m", pods: "9" }]]) }),
    });
    expect(count(nodesOf({ pods: small(4, spread(HOST)), pools: [pool] }))).toEqual([2, 2]);
  });
});
