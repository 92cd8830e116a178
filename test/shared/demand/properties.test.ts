import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planDemand } from "../../../shared/demand/plan-demand.ts";
import type { DemandPool, DemandView, StartedNode } from "../../../shared/demand/view.ts";
import type { KubePod, PodSpec } from "../../../shared/model/kubernetes/objects.ts";
import { podName } from "../../../shared/model/kubernetes/pods.ts";
import { aRecord, aSpec, NOW } from "../pool/builders.ts";
import {
  aDemandPool,
  aDemandView,
  aNodeObject,
  anOffering,
  aPendingPod,
  startedNode,
  withStandby,
  withStarted,
} from "./builders.ts";
import { fewestNodes } from "./fewest-nodes.ts";
import { objections } from "./validator.ts";

const ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"];
const APPS = ["web", "db"];

const requests = fc.record({
  cpu: fc.integer({ min: 1, max: 20 }).map((tenths) => `${tenths * 100}m`),
  memory: fc.integer({ min: 1, max: 8 }).map((gibibytes) => `${gibibytes}Gi`),
});

const selectorOf = (app: string) => ({ matchLabels: { app } });
const topologyKey = fc.constantFrom("kubernetes.io/hostname", "topology.kubernetes.io/zone");
const term = fc.record({ labelSelector: fc.constantFrom(...APPS).map(selectorOf), topologyKey });
const terms = fc.array(term, { minLength: 1, maxLength: 2 });
const spread = fc.record({
  labelSelector: fc.constantFrom(...APPS).map(selectorOf),
  topologyKey,
  maxSkew: fc.integer({ min: 1, max: 2 }),
  whenUnsatisfiable: fc.constantFrom("DoNotSchedule", "ScheduleAnyway"),
  minDomains: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
  nodeTaintsPolicy: fc.constantFrom("Honor", "Ignore", undefined),
});
const required = <T>(of: T) => ({ requiredDuringSchedulingIgnoredDuringExecution: of });

/** Pods get at most two of these rules; more would leave most pods without any node. */
const podRules: fc.Arbitrary<Partial<PodSpec>> = fc.oneof(
  fc.constant({}),
  fc.constant({ tolerations: [{ key: "team", operator: "Exists" }] }),
  fc.constantFrom(...ZONES).map((zone) => ({ nodeSelector: { "topology.kubernetes.io/zone": zone } })),
  terms.map((of) => ({ affinity: { podAntiAffinity: required(of) } })),
  terms.map((of) => ({ affinity: { podAffinity: required(of) } })),
  spread.map((of) => ({ topologySpreadConstraints: [of] })),
);

const podGroup = fc
  .record({
    requested: requests,
    app: fc.constantFrom(...APPS),
    count: fc.integer({ min: 1, max: 5 }),
    one: podRules,
    other: podRules,
  })
  .chain(({ requested, app, count, one, other }) =>
    fc.boolean().map((hasPort) => ({
      requested,
      app,
      count,
      spec: { ...one, ...other, ...(hasPort && { containers: [portContainer(requested)] }) },
    })),
  );

const portContainer = (requested: Readonly<Record<string, string>>) => ({
  name: "main",
  resources: { requests: requested },
  ports: [{ hostPort: 8080 }],
});

type Group = typeof podGroup extends fc.Arbitrary<infer T> ? T : never;

const podsOf = (groups: readonly Group[], prefix: string): readonly KubePod[] =>
  groups.flatMap(({ requested, app, count, spec }, index) =>
    Array.from({ length: count }, (_, each) =>
      aPendingPod(`${prefix}${index}-${each}`, requested, { labels: { app }, spec }),
    ),
  );

const tainted = (name: string) => ({
  ...aSpec(),
  template: {
    ...aSpec().template,
    labels: { "stratos.sh/pool": name },
    taints: [{ key: "team", value: "ci", effect: "NoSchedule" as const }],
  },
});

const pool = (name: string, standby: readonly number[], started: readonly (readonly [number, Group])[]): DemandPool => {
  const spec = name === "tainted" ? tainted(name) : aSpec();
  const node = (nodeName: string, zoneNumber: number) =>
    aNodeObject(nodeName, { zone: ZONES[zoneNumber], pool: name, taints: spec.template.taints });
  const stopped = standby.map((zoneNumber, index) => node(`${name}-s${index}`, zoneNumber));
  const starting = started.map(([zoneNumber, podGroup], index) =>
    // A single pod of the group always fits and breaks none of its own rules.
    startedNode(node(`${name}-r${index}`, zoneNumber), podsOf([{ ...podGroup, count: 1 }], `${name}-bound${index}-`)),
  );
  const launchCapacity = {
    maxNodes: 2,
    offerings: ZONES.slice(0, 2).map((zoneName) => anOffering({ zone: zoneName })),
  };
  return withStarted(withStandby(aDemandPool({ name, spec, launchCapacity }), stopped), starting);
};

const zone = fc.integer({ min: 0, max: 2 });
const somePool = (name: string) =>
  fc
    .tuple(fc.array(zone, { maxLength: 6 }), fc.array(fc.tuple(zone, podGroup), { maxLength: 2 }))
    .map(([standby, started]) => pool(name, standby, started));

const someView: fc.Arbitrary<DemandView> = fc
  .record({
    groups: fc.array(podGroup, { minLength: 1, maxLength: 5 }),
    plain: somePool("workers"),
    other: somePool("tainted"),
  })
  .map(({ groups, plain, other }) => aDemandView({ pods: podsOf(groups, "p"), pools: [plain, other] }));

const placedPods = (view: DemandView): readonly string[] => {
  const { waiting, starts, launches } = planDemand(view);
  const all = [...waiting.map(({ pod }) => pod), ...[...starts, ...launches].flatMap(({ pods }) => pods.flat())];
  return all.map(({ metadata }) => metadata.name);
};

describe("for any pods and pools", () => {
  it("the scheduler can bind every pod to the node it was planned for", () => {
    fc.assert(
      fc.property(someView, (view) => {
        expect(objections(view, planDemand(view))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it("no pod is planned twice, and every other pod is reported", () => {
    fc.assert(
      fc.property(someView, (view) => {
        const placed = placedPods(view);
        expect(new Set(placed).size).toBe(placed.length);
        const { unschedulable, shortPools } = planDemand(view);
        const left = view.pods.length - placed.length - unschedulable.length;
        expect(left === 0 || shortPools.length > 0).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it("every pod that no node is planned for waits for the pools that could run it, or none can", () => {
    fc.assert(
      fc.property(someView, (view) => {
        const { placed, pending, unschedulable } = planDemand(view);
        const served = pending.reduce((sum, { podCount, unservedCount }) => sum + podCount - unservedCount, 0);
        const left = view.pods.length - placed.length - unschedulable.length;
        expect(served).toBe(placed.length);
        expect(Math.max(0, ...pending.map(({ unservedCount }) => unservedCount))).toBeLessThanOrEqual(left);
        expect(pending.reduce((sum, { unservedCount }) => sum + unservedCount, 0)).toBeGreaterThanOrEqual(left);
      }),
      { numRuns: 200 },
    );
  });

  it("every started node has pods", () => {
    fc.assert(
      fc.property(someView, (view) => {
        const { starts, launches } = planDemand(view);
        expect([...starts, ...launches].flatMap(({ pods }) => pods).filter((own) => own.length === 0)).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});

it("a pod that no pool can run changes nothing for the others", () => {
  const size = fc.record({ requested: requests, priority: fc.integer({ min: 0, max: 3 }) });
  const names = (view: DemandView) =>
    planDemand(view).starts.flatMap(({ records, pods }) =>
      records.map(({ nodeName }, index) => [nodeName, pods[index]?.map(podName)]),
    );
  fc.assert(
    fc.property(fc.array(size, { minLength: 1, maxLength: 30 }), fc.integer({ min: 0, max: 3 }), (sizes, priority) => {
      const pods = sizes.map((each, index) =>
        aPendingPod(`p${index}`, each.requested, { spec: { priority: each.priority } }),
      );
      const stranger = aPendingPod("stranger", { "example.com/device": "1" }, { spec: { priority } });
      const stopped = sizes.map((_, index) => aNodeObject(`n${index}`));
      const view = aDemandView({ pods, pools: [withStandby(aDemandPool(), stopped)] });
      expect(names({ ...view, pods: [stranger, ...pods] })).toEqual(names(view));
    }),
    { numRuns: 200 },
  );
});

/** The view a moment later: the planned nodes are starting or being launched, and none of the pods that have a node is bound yet. */
const carriedOut = (view: DemandView): DemandView => {
  const { starts, launches, waiting, placed } = planDemand(view);
  const withWaiting = (node: StartedNode): StartedNode => {
    const own = waiting.filter(({ record }) => record === node.record).map(({ pod }) => podName(pod));
    return { ...node, record: { ...node.record, pods: own } };
  };
  const pools = view.pools.map((each): DemandPool => {
    const started = starts
      .filter(({ pool: name }) => name === each.name)
      .flatMap(({ records, pods }) =>
        records.map((record, index): StartedNode => {
          const own = (pods[index] ?? []).map(podName);
          const node = each.nodes.get(record.nodeName ?? "");
          return { record: { ...record, state: "running", startedAt: NOW, pods: own }, node, pods: [] };
        }),
      );
    const launched = launches
      .filter(({ pool: name }) => name === each.name)
      .flatMap(({ offering, pods }) =>
        pods.map((own): StartedNode => {
          const record = aRecord("warmup", {
            ...offering,
            overflow: "serve",
            pods: own.map(podName),
            nodeName: undefined,
          });
          return { record, pods: [] };
        }),
      );
    const names = new Set(started.map(({ record }) => record.nodeName));
    const standby = each.standby.filter(({ nodeName }) => !names.has(nodeName));
    const maxNodes = each.launchCapacity.maxNodes - launched.length;
    return {
      ...each,
      standby,
      started: [...each.started.map(withWaiting), ...started, ...launched],
      launchCapacity: { ...each.launchCapacity, maxNodes },
    };
  });
  return { ...view, pods: placed, pools };
};

describe("planning, carrying out and planning again", () => {
  it("starts and launches nothing more for the same pods", () => {
    fc.assert(
      fc.property(someView, (view) => {
        const again = planDemand(carriedOut(view));
        expect([...again.starts, ...again.launches]).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});

describe("the number of nodes", () => {
  const sizes = fc.array(fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 8 })), {
    minLength: 1,
    maxLength: 8,
  });

  it("is at most one more than the minimum", () => {
    fc.assert(
      fc.property(sizes, (all) => {
        const pods = all.map(([tenths, gibibytes], index) =>
          aPendingPod(`p${index}`, { cpu: `${tenths * 100}m`, memory: `${gibibytes}Gi` }),
        );
        const stopped = all.map((_, index) => aNodeObject(`n${index}`));
        const { starts } = planDemand(aDemandView({ pods, pools: [withStandby(aDemandPool(), stopped)] }));
        const count = starts.flatMap(({ records }) => records).length;
        expect(starts.reduce((sum, { podCount }) => sum + podCount, 0)).toBe(pods.length);
        expect(count).toBeLessThanOrEqual(fewestNodes(all, [20, 8]) + 1);
      }),
      { numRuns: 500 },
    );
  });
});
