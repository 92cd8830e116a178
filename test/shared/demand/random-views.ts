/** Random views for properties of the demand planner: anything that pods, nodes, pools and the cluster around them can have. */
import fc from "fast-check";
import type { DemandPool, DemandView, StartedNode } from "../../../shared/demand/view.ts";
import type { KubeNode, Taint } from "../../../shared/model/kubernetes/objects.ts";
import { TAINT } from "../../../shared/model/names.ts";
import { aRecord, aSpec, NOW } from "../pool/builders.ts";
import { aDemandPool, aDemandView, aNodeObject, anOffering, aTemplate, startedNode, withStarted } from "./builders.ts";
import {
  CI,
  CLASS_TAINT,
  daemonSets,
  type Group,
  NAMESPACES,
  podGroup,
  podsOf,
  storage,
  ZONES,
} from "./random-pods.ts";

/** Of others: Cilium's operator taints every stopped node; the second kind is put there by hand. */
const FOREIGN_TAINTS: readonly Taint[] = [
  { key: "node.cilium.io/agent-not-ready", effect: "NoSchedule" },
  { key: "example.com/inspection", effect: "NoSchedule" },
];
const ALLOCATABLE = { cpu: "2", memory: "8Gi", pods: "10" };

/** What the pool's template and its class say. */
export interface Template {
  readonly classLabels: boolean;
  readonly classTaints: boolean;
  readonly defaults: boolean;
  readonly weight: number;
}
export const template: fc.Arbitrary<Template> = fc.record({
  classLabels: fc.boolean(),
  classTaints: fc.nat(4).map((chance) => chance === 0),
  defaults: fc.boolean(),
  weight: fc.constantFrom(0, 0, 10),
});

/** A pool without nodes. */
export const emptyPool = (name: string, { classLabels, classTaints, defaults, weight }: Template): DemandPool => {
  const taints = name === "tainted" ? [CI] : [];
  const plain = aSpec();
  const defaultPodResources = { requests: { cpu: "500m", memory: "1Gi" } };
  return aDemandPool({
    name,
    spec: aSpec({
      weight,
      template: { ...plain.template, labels: { "stratos.sh/pool": name, tier: "warm" }, taints },
      ...(defaults && { scaleUp: { ...plain.scaleUp, defaultPodResources } }),
    }),
    template: aTemplate({
      labels: classLabels ? { disk: "nvme" } : {},
      taints: classTaints ? [CLASS_TAINT] : [],
      estimates: new Map([["m5.large", ALLOCATABLE]]),
    }),
  });
};

/** The node object that a machine of the pool has once it is up. */
export const nodeOfPool = ({ name, spec, template: of }: DemandPool, nodeName: string, zone: string): KubeNode =>
  aNodeObject(nodeName, {
    zone,
    pool: name,
    labels: { ...of.labels, ...spec.template.labels },
    taints: [...spec.template.taints, ...of.taints],
  });

export const stopped = (node: KubeNode, foreign: readonly Taint[]): KubeNode => ({
  ...node,
  spec: { unschedulable: true, taints: [...(node.spec?.taints ?? []), ...foreign, TAINT.standby, TAINT.notReady] },
});

interface Standby {
  readonly zone: number;
  /**
   * `deleted`: without a node object; `unnamed`: its record does not even know the node's name; `unavailable`: its offering has no capacity, so that its
   * node exists but cannot be started.
   */
  readonly kind: "object" | "deleted" | "unnamed" | "unavailable";
  readonly foreign: readonly Taint[];
}

const addStandby = (pool: DemandPool, standby: readonly Standby[]): DemandPool => {
  const all = standby.map(({ zone, kind, foreign }, index) => {
    const zoneName = ZONES[zone] ?? "";
    const nodeName = `${pool.name}-s${index}`;
    const record = aRecord("standby", {
      zone: zoneName,
      nodeName: kind === "unnamed" ? undefined : nodeName,
    });
    return { kind, record, node: stopped(nodeOfPool(pool, nodeName, zoneName), foreign) };
  });
  return {
    ...pool,
    standby: all.flatMap(({ kind, record }) => (kind === "unavailable" ? [] : [record])),
    nodes: new Map(
      all.flatMap(({ kind, node }) =>
        kind === "deleted" || kind === "unnamed" ? [] : [[node.metadata.name, node] as const],
      ),
    ),
  };
};

interface Running {
  readonly zone: number;
  readonly group: Group;
  readonly isLaunched: boolean;
}

/** A single pod of the group always fits and breaks none of its own rules about other pods. A launched node has no object and no pods yet. */
const addStarted = (pool: DemandPool, running: readonly Running[]): DemandPool =>
  withStarted(
    pool,
    running.map(({ zone, group, isLaunched }, index): StartedNode => {
      const zoneName = ZONES[zone] ?? "";
      if (isLaunched) {
        const record = aRecord("warmup", { zone: zoneName, overflow: "serve", nodeName: undefined });
        return { record, pods: [] };
      }
      const node = nodeOfPool(pool, `${pool.name}-r${index}`, zoneName);
      return startedNode(node, podsOf([{ ...group, count: 1 }], `${pool.name}-bound${index}-`));
    }),
  );

const zone = fc.integer({ min: 0, max: 2 });
const standby: fc.Arbitrary<Standby> = fc.record({
  zone,
  kind: fc.constantFrom("object", "object", "deleted", "unnamed", "unavailable"),
  foreign: fc.subarray([...FOREIGN_TAINTS]),
});

const somePool = (name: string): fc.Arbitrary<DemandPool> =>
  fc
    .record({
      of: template,
      sleeping: fc.array(standby, { maxLength: 6 }),
      running: fc.array(fc.record({ zone, group: podGroup, isLaunched: fc.boolean() }), { maxLength: 2 }),
      maxNodes: fc.integer({ min: 0, max: 3 }),
      offered: fc.subarray(ZONES),
      isPaused: fc.nat(9).map((chance) => chance === 0),
    })
    .map(({ of, sleeping, running, maxNodes, offered, isPaused }) => {
      const pool = addStarted(addStandby(emptyPool(name, of), sleeping), running);
      if (isPaused) return { ...pool, standby: [], inactive: "paused" };
      return { ...pool, launchCapacity: { maxNodes, offerings: offered.map((each) => anOffering({ zone: each })) } };
    });

export const someView: fc.Arbitrary<DemandView> = fc
  .record({
    groups: fc.array(podGroup, { minLength: 1, maxLength: 5 }),
    plain: somePool("workers"),
    other: somePool("tainted"),
    sets: daemonSets,
  })
  .map(({ groups, plain, other, sets }) =>
    aDemandView({
      now: NOW,
      pods: podsOf(groups, "p"),
      pools: [plain, other],
      context: { daemonSets: sets, namespaces: new Map(NAMESPACES.map((name) => [name, {}])), ...storage },
    }),
  );
