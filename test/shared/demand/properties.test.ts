import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planDemand } from "../../../shared/demand/plan-demand.ts";
import type { DemandPool, DemandView } from "../../../shared/demand/view.ts";
import type { KubePod } from "../../../shared/model/kubernetes/objects.ts";
import { podName } from "../../../shared/model/kubernetes/pods.ts";
import { aRecord, NOW } from "../pool/builders.ts";
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
import { carriedOut } from "./carried-out.ts";
import { fewestNodes } from "./fewest-nodes.ts";
import { daemonSets, podGroup, podsOf, storage, ZONES } from "./random-pods.ts";
import { emptyPool, nodeOfPool, someView, stopped, template } from "./random-views.ts";
import { objections } from "./validator.ts";

/** The same views in each run; `RUNS=5000 SEED=2` explores others. */
const { RUNS = "120", SEED = "1" } = process.env;
const OPTIONS = { numRuns: Number(RUNS), seed: Number(SEED) };

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
      OPTIONS,
    );
  });

  it("no pod is planned twice, and every other pod is reported", () => {
    fc.assert(
      fc.property(someView, (view) => {
        const placed = placedPods(view);
        expect(new Set(placed).size).toBe(placed.length);
        const { unschedulable, unserved } = planDemand(view);
        const waiting = unserved.reduce((sum, { pods }) => sum + pods.length, 0);
        expect(placed.length + unschedulable.length + waiting).toBe(view.pods.length);
      }),
      OPTIONS,
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
      OPTIONS,
    );
  });

  it("every started node has pods", () => {
    fc.assert(
      fc.property(someView, (view) => {
        const { starts, launches } = planDemand(view);
        expect([...starts, ...launches].flatMap(({ pods }) => pods).filter((own) => own.length === 0)).toEqual([]);
      }),
      OPTIONS,
    );
  });
});

/** What was decided for pods: the pods of each node, and why others have none. */
const decisions = (view: DemandView) => {
  const { starts, launches, waiting, unschedulable } = planDemand(view);
  return {
    starts: starts.map(({ records, pods }) =>
      records.map(({ instanceId }, index) => [instanceId, pods[index]?.map(podName)]),
    ),
    launches: launches.map(({ offering, pods }) => [offering, pods.map((own) => own.map(podName))]),
    waiting: waiting.map(({ pod, record }) => [podName(pod), record.instanceId]),
    unschedulable: unschedulable.map(({ pod }) => podName(pod)),
  };
};

describe("a pod that no pool can run", () => {
  const labels = { app: "web" };
  const selector = { labelSelector: { matchLabels: labels }, topologyKey: "topology.kubernetes.io/zone" };
  const required = <T>(of: T) => ({ requiredDuringSchedulingIgnoredDuringExecution: of });
  const nowhere = { nodeSelector: { "example.com/nowhere": "true" } };
  const named = [{ key: "metadata.name", operator: "In", values: ["gone"] }];
  const user = { volumes: [{ name: "data", persistentVolumeClaim: { claimName: "one" } }] };
  const STRANGERS: Readonly<Record<string, (priority: number) => KubePod>> = {
    "asks for a device": (priority) => aPendingPod("stranger", { "nvidia.com/gpu": "1" }, { spec: { priority } }),
    "is too large": (priority) => aPendingPod("stranger", { cpu: "90" }, { labels, spec: { priority } }),
    "selects a label": (priority) => aPendingPod("stranger", {}, { labels, spec: { priority, ...nowhere } }),
    "is pinned to a host that is gone": (priority) =>
      aPendingPod("stranger", {}, { spec: { priority, nodeSelector: { "kubernetes.io/hostname": "gone" } } }),
    "is pinned to a node by name": (priority) => {
      const affinity = { nodeAffinity: required({ nodeSelectorTerms: [{ matchFields: named }] }) };
      return aPendingPod("stranger", {}, { spec: { priority, affinity } });
    },
    "has rules about other pods": (priority) => {
      const spread = { ...selector, maxSkew: 1, whenUnsatisfiable: "DoNotSchedule" };
      const affinity = { podAntiAffinity: required([selector]) };
      return aPendingPod(
        "stranger",
        {},
        { labels, spec: { priority, ...nowhere, affinity, topologySpreadConstraints: [spread] } },
      );
    },
    "has affinity to pods that do not exist": (priority) => {
      const term = { labelSelector: { matchLabels: { app: "gone" } }, topologyKey: selector.topologyKey };
      return aPendingPod("stranger", {}, { spec: { priority, affinity: { podAffinity: required([term]) } } });
    },
    "is to be spread over a label that no node has": (priority) => {
      const spread = { ...selector, topologyKey: "example.com/rack", maxSkew: 1, whenUnsatisfiable: "DoNotSchedule" };
      return aPendingPod("stranger", {}, { spec: { priority, topologySpreadConstraints: [spread] } });
    },
    "uses a claim of others": (priority) => {
      const condition = {
        type: "PodScheduled",
        status: "False",
        reason: "Unschedulable",
        lastTransitionTime: new Date(0).toISOString(),
      };
      const pod = aPendingPod("stranger", {}, { spec: { priority, ...nowhere, ...user } });
      return { ...pod, status: { ...pod.status, conditions: [condition] } };
    },
  };

  it.each(Object.keys(STRANGERS))("because it %s changes nothing for the others", (kind) => {
    fc.assert(
      fc.property(someView, fc.integer({ min: 0, max: 3 }), (view, priority) => {
        const stranger = STRANGERS[kind]?.(priority);
        if (!stranger) throw new Error(kind);
        const { unschedulable, ...others } = decisions({ ...view, pods: [stranger, ...view.pods] });
        const ofOthers = unschedulable.filter((name) => name !== podName(stranger));
        expect({ ...others, unschedulable: ofOthers }).toEqual(decisions(view));
      }),
      { ...OPTIONS, numRuns: Math.ceil(OPTIONS.numRuns / 4) },
    );
  });
});

describe("planning, carrying out and planning again", () => {
  it("starts and launches nothing more for the same pods", () => {
    fc.assert(
      fc.property(someView, (view) => {
        const again = planDemand(carriedOut(view));
        expect([...again.starts, ...again.launches]).toEqual([]);
      }),
      OPTIONS,
    );
  });
});

describe("a node", () => {
  const ZONE = ZONES[0] ?? "";
  /** The ways in which the same node can be seen. */
  const sightings = (pool: DemandPool): Readonly<Record<string, DemandPool>> => {
    const node = nodeOfPool(pool, "n", ZONE);
    const record = { zone: ZONE };
    const nodes = new Map([["n", stopped(node, [])]]);
    const stoppedRecord = { ...record, nodeName: "n" };
    return {
      offering: { ...pool, launchCapacity: { maxNodes: 1, offerings: [anOffering({ zone: ZONE })] } },
      record: { ...pool, standby: [aRecord("standby", { ...record, nodeName: undefined })] },
      object: { ...pool, standby: [aRecord("standby", stoppedRecord)], nodes },
      launched: {
        ...pool,
        started: [{ record: aRecord("warmup", { ...record, overflow: "serve", nodeName: undefined }), pods: [] }],
      },
      started: {
        ...pool,
        started: [{ record: aRecord("running", { ...record, nodeName: undefined, startedAt: NOW }), pods: [] }],
      },
      booting: {
        ...pool,
        nodes,
        started: [{ record: aRecord("running", { ...stoppedRecord, startedAt: NOW }), node: nodes.get("n"), pods: [] }],
      },
      running: withStarted(pool, [startedNode(node)]),
    };
  };

  it("gets the same pods as offering, record and object", () => {
    fc.assert(
      fc.property(template, fc.constantFrom("workers", "tainted"), daemonSets, podGroup, (of, name, sets, group) => {
        const pods = podsOf([group], "p");
        const verdicts = Object.entries(sightings(emptyPool(name, of))).map(([seen, pool]) => {
          const view = aDemandView({ now: NOW, pods, pools: [pool], context: { daemonSets: sets, ...storage } });
          return [seen, planDemand(view).placed.map(podName)];
        });
        const first = verdicts[0]?.[1];
        expect(verdicts).toEqual(verdicts.map(([seen]) => [seen, first]));
      }),
      OPTIONS,
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
