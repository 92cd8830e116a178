/** Random pools with their node classes and machines, and nodes of no pool. */
import { poolSpecOf, readinessTaints } from "../../../shared/model/api/pool-spec.ts";
import type { AWSNodeClass, NodePool } from "../../../shared/model/api/types.ts";
import type { KubeNode, Taint } from "../../../shared/model/kubernetes/objects.ts";
import { taintId } from "../../../shared/model/kubernetes/taints.ts";
import { ANNOTATION, LABEL, TAINT } from "../../../shared/model/names.ts";
import { offeringKey } from "../../../shared/model/unavailable-offerings.ts";
import { aResolvedClass } from "../../shared/reconcilers/world.ts";
import type { Chance } from "./chance.ts";
import { FALLBACK, INSTANCE_TYPES, type InstanceType, type Kind, type Machine, machineOf, nodeOn } from "./machines.ts";
import { only, ownTaint, type Place } from "./place.ts";

export const DEDICATED = { key: "dedicated", value: "batch", effect: "NoSchedule" } as const;
/** Of node classes. */
export const SPECIAL = { key: "special", value: "hardware", effect: "NoSchedule" } as const;
/** Put on a node by hand, to stay. */
export const RESERVED = { key: "example.com/reserved", effect: "NoSchedule" } as const;
/** Put on a node by hand after it was stopped. */
const INSPECTED = { key: "example.com/inspected", effect: "NoSchedule" } as const;
/** Cilium's operator puts it on every node whose agent is down. */
const AGENT_DOWN = { key: "node.cilium.io/agent-not-ready", effect: "NoSchedule" } as const;
const STARTUP = { key: "example.com/starting", effect: "NoSchedule" } as const;

/** A priority class whose pods are scheduled first but preempt no others. */
export const URGENT = "urgent";
/** A priority class whose pods preempt others. */
export const CRITICAL = "critical";
/** A runtime class whose pods have an overhead. */
export const SANDBOXED = "sandboxed";

const makeClass = (chance: Chance, place: Place, name: string, type: InstanceType): AWSNodeClass => {
  const zones = place.zones.filter(() => chance.happens(0.7));
  const labels = { "example.com/cores": type.cores, ...(chance.happens(0.3) && { disk: "nvme" }) };
  const { spec, status } = aResolvedClass(1, {
    userData: undefined,
    bootstrapTemplate: "AL2023",
    instanceType: type.instanceType,
    ...(chance.happens(0.3) && {
      instanceTypes: [type.instanceType, FALLBACK.instanceType],
      blockDeviceMappings: [{ deviceName: "/dev/xvda", volumeSize: 20 }],
    }),
    kubelet: { nodeLabels: labels, ...(chance.happens(0.3) && { nodeTaints: [SPECIAL] }) },
  });
  return {
    apiVersion: "stratos.sh/v1alpha1",
    kind: "AWSNodeClass",
    metadata: { name },
    spec,
    status: {
      ...status,
      resolvedSubnets: zones.map((zone) => ({ id: `subnet-${zone}`, zone })),
      estimatedAllocatable: type.allocatable,
    },
  };
};

/** Without the fields that the API server defaults. */
const makePool = (chance: Chance, place: Place, name: string, size: number): NodePool => ({
  apiVersion: "stratos.sh/v1alpha1",
  kind: "NodePool",
  metadata: { name },
  spec: {
    poolSize: size + chance.pick([0, 1, 2, 4]),
    minStandby: 0,
    ...(chance.happens(0.1) && { [chance.pick(["paused", "dryRun"])]: true }),
    weight: chance.pick([0, 0, 10]),
    template: {
      nodeClassRef: { kind: "AWSNodeClass", name },
      labels: { ...(chance.happens(0.5) && { team: chance.pick(["a", "b"]) }), ...only(place) },
      taints: [ownTaint(place), ...(chance.happens(0.3) ? [DEDICATED] : [])],
      ...(chance.happens(0.2) && { startupTaints: [STARTUP] }),
    },
    ...(chance.happens(0.25) && {
      scaleUp: { defaultPodResources: { requests: { cpu: "500m", memory: "500Mi" } } },
    }),
  },
});

/** With the taints and notes of a stopped node, some of them of others. */
const standbyNode = (chance: Chance, hasAgent: boolean, { kind, node: { metadata, ...node } }: Machine): KubeNode => {
  const kept = node.spec?.taints ?? [];
  const noted = chance.happens(0.3);
  const annotations = {
    ...(noted && { [ANNOTATION.keptTaints]: kept.map(taintId).join(",") }),
    ...(chance.happens(0.05) && { [ANNOTATION.hold]: "true" }),
  };
  const taints: readonly Taint[] = [
    ...[...kept, TAINT.standby, TAINT.shutdown],
    ...readinessTaints(poolSpecOf(kind.pool, kind.nodeClass)),
    ...(hasAgent ? [AGENT_DOWN] : []),
    ...(noted ? [INSPECTED] : []),
  ];
  return {
    ...node,
    metadata: { ...metadata, annotations, labels: { ...metadata.labels, [LABEL.state]: "standby" } },
    spec: { unschedulable: true, taints },
  };
};

export interface World {
  readonly kinds: readonly Kind[];
  /** Of the pools. */
  readonly machines: readonly Machine[];
  /** Nodes of no pool. */
  readonly others: readonly KubeNode[];
  /** Keys of offerings that are marked unavailable. */
  readonly unavailable: ReadonlySet<string>;
}

const makeMachines = (chance: Chance, kind: Kind, zones: readonly string[], hasAgent: boolean, sleeping: number) => {
  const isDeleted = chance.happens(0.3);
  const make = (name: string): Machine => {
    const made = machineOf(kind, `${kind.pool.metadata.name}-${name}`, chance.pick(zones));
    if (!chance.happens(0.1)) return made;
    const taints = [...(made.node.spec?.taints ?? []), RESERVED];
    return { ...made, node: { ...made.node, spec: { taints } } };
  };
  const stopped = Array.from({ length: sleeping }, (_, index): Machine => {
    if (isDeleted) return machineOf(kind, `${kind.pool.metadata.name}-asleep-${index}`, chance.pick(zones));
    const made = make(`asleep-${index}`);
    return { ...made, stopped: standbyNode(chance, hasAgent, made) };
  });
  return [...stopped, ...(chance.happens(0.5) ? [{ ...make("awake-0"), isUp: true }] : [])];
};

/** One to three pools, each with one instance type and mostly standby, and up to two unmanaged nodes. */
export const makeWorld = (chance: Chance, place: Place): World => {
  const hasAgent = chance.happens(0.3);
  const made = Array.from({ length: chance.count(1, 3) }, (_, index) => {
    const name = `${place.name}-pool-${index}`;
    const type = chance.pick(INSTANCE_TYPES);
    const sleeping = chance.count(0, 5);
    const pool = makePool(chance, place, name, Math.max(1, sleeping + 1));
    const nodeClass = makeClass(chance, place, name, type);
    const kind: Kind = { pool, nodeClass, type };
    return { kind, machines: makeMachines(chance, kind, place.zones, hasAgent, sleeping) };
  });
  const others = Array.from({ length: chance.count(0, 2) }, (_, index) =>
    nodeOn(chance.pick(INSTANCE_TYPES), `${place.name}-other-${index}`, chance.pick(place.zones), [ownTaint(place)]),
  );
  const offerings = made.flatMap(({ kind }) =>
    place.zones.map((zone) => offeringKey({ instanceType: kind.type.instanceType, zone })),
  );
  return {
    kinds: made.map(({ kind }) => kind),
    machines: made.flatMap(({ machines }) => machines),
    others,
    unavailable: new Set(offerings.filter(() => chance.happens(0.12))),
  };
};
