/** Random views for properties of the demand planner: anything that pods, nodes, pools and the cluster around them can have. */
import fc from "fast-check";
import type { ClusterContext, DemandPool, DemandView, StartedNode } from "../../../shared/demand/view.ts";
import type {
  Container,
  DaemonSet,
  KubeNode,
  KubePod,
  PodSpec,
  ResourceList,
  Taint,
} from "../../../shared/model/kubernetes/objects.ts";
import { TAINT } from "../../../shared/model/names.ts";
import { aRecord, aSpec, NOW } from "../pool/builders.ts";
import {
  aDaemonSet,
  aDemandPool,
  aDemandView,
  aNodeObject,
  anOffering,
  aPendingPod,
  aTemplate,
  startedNode,
  withStarted,
} from "./builders.ts";

export const ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"];
const APPS = ["web", "db"];
const HOSTNAME = "kubernetes.io/hostname";
const ZONE = "topology.kubernetes.io/zone";
const CI: Taint = { key: "team", value: "ci", effect: "NoSchedule" };
const CLASS_TAINT: Taint = { key: "class", value: "gpu", effect: "NoSchedule" };
/** Of others: Cilium's operator taints every stopped node; the second kind is put there by hand. */
const FOREIGN_TAINTS: readonly Taint[] = [
  { key: "node.cilium.io/agent-not-ready", effect: "NoSchedule" },
  { key: "example.com/inspection", effect: "NoSchedule" },
];
const ALLOCATABLE = { cpu: "2", memory: "8Gi", pods: "10" };

const cores = fc.integer({ min: 1, max: 20 }).map((tenths) => `${tenths * 100}m`);
const requests: fc.Arbitrary<ResourceList> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ cpu: cores, memory: fc.integer({ min: 1, max: 8 }).map((size) => `${size}Gi`) }),
  },
  { weight: 1, arbitrary: fc.constant({}) },
);

const selector = fc.constantFrom(...APPS).map((app) => ({ matchLabels: { app } }));
const topologyKey = fc.constantFrom(HOSTNAME, ZONE);
const terms = fc.array(fc.record({ labelSelector: selector, topologyKey }), { minLength: 1, maxLength: 2 });
const spread = fc.record({
  labelSelector: selector,
  topologyKey,
  maxSkew: fc.integer({ min: 1, max: 2 }),
  whenUnsatisfiable: fc.constantFrom("DoNotSchedule", "ScheduleAnyway"),
  minDomains: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
  nodeTaintsPolicy: fc.constantFrom("Honor", "Ignore", undefined),
});
const required = <T>(of: T) => ({ requiredDuringSchedulingIgnoredDuringExecution: of });
const nodeTerm = fc.constantFrom(
  { key: ZONE, operator: "NotIn", values: ZONES.slice(0, 1) },
  { key: HOSTNAME, operator: "NotIn", values: ["workers-s0"] },
  { key: HOSTNAME, operator: "In", values: ["workers-s0", "tainted-s1"] },
  { key: "tier", operator: "Exists" },
  { key: "tier", operator: "DoesNotExist" },
);

type PodRule = Partial<PodSpec>;
const podRule: fc.Arbitrary<PodRule> = fc.oneof(
  fc.constant({}),
  fc.constant({ tolerations: [{ key: CI.key, operator: "Exists" }] }),
  fc.constant({ tolerations: [{ operator: "Exists" }] }),
  fc.constantFrom(...ZONES).map((zone) => ({ nodeSelector: { [ZONE]: zone } })),
  fc.constantFrom("warm", "hot").map((tier) => ({ nodeSelector: { tier } })),
  fc.constantFrom("workers-s0", "gone").map((host) => ({ nodeSelector: { [HOSTNAME]: host } })),
  nodeTerm.map((one) => ({
    affinity: { nodeAffinity: required({ nodeSelectorTerms: [{ matchExpressions: [one] }] }) },
  })),
  terms.map((of) => ({ affinity: { podAntiAffinity: required(of) } })),
  terms.map((of) => ({ affinity: { podAffinity: required(of) } })),
  spread.map((of) => ({ topologySpreadConstraints: [of] })),
  fc.constant({ overhead: { cpu: "250m" } }),
  // The API server takes no less than the containers' sum.
  fc.constant({ resources: { requests: { cpu: "2" } } }),
  fc.integer({ min: 1, max: 2 }).map((priority) => ({ priority })),
  fc.constantFrom("one", "two").map((claimName) => ({
    volumes: [{ name: "data", persistentVolumeClaim: { claimName } }],
  })),
);

export interface Group {
  readonly requested: ResourceList;
  readonly app: string;
  readonly count: number;
  readonly spec: PodRule;
}

const withPort = (requested: ResourceList): Container => ({
  name: "main",
  resources: { requests: requested },
  ports: [{ hostPort: 8080 }],
});

/** Of pods with at most two rules each; more would leave most pods without any node. */
export const podGroup: fc.Arbitrary<Group> = fc
  .record({
    requested: requests,
    app: fc.constantFrom(...APPS),
    count: fc.integer({ min: 1, max: 5 }),
    rules: fc.array(podRule, { maxLength: 2 }),
    hasPort: fc.nat(4).map((chance) => chance === 0),
  })
  .map(({ requested, app, count, rules, hasPort }) => ({
    requested,
    app,
    count,
    spec: { ...Object.assign({}, ...rules), ...(hasPort && { containers: [withPort(requested)] }) },
  }));

export const podsOf = (groups: readonly Group[], prefix: string): readonly KubePod[] =>
  groups.flatMap(({ requested, app, count, spec }, index) =>
    Array.from({ length: count }, (_, each) =>
      aPendingPod(`${prefix}${index}-${each}`, requested, { labels: { app }, spec }),
    ),
  );

const daemonSetContainer = fc.constantFrom<Container>(
  { name: "limits", resources: { limits: { cpu: "300m" } } },
  { name: "requests", resources: { requests: { cpu: "200m", memory: "500Mi" } } },
  { name: "port", ports: [{ containerPort: 8080 }] },
);
export const daemonSets: fc.Arbitrary<readonly DaemonSet[]> = fc
  .array(fc.record({ container: daemonSetContainer, hostNetwork: fc.boolean(), toleratesAll: fc.boolean() }), {
    maxLength: 2,
  })
  .map((all) =>
    all.map(({ container, hostNetwork, toleratesAll }, index) =>
      aDaemonSet(`ds-${index}`, {
        containers: [container],
        hostNetwork,
        ...(toleratesAll && { tolerations: [{ operator: "Exists" }] }),
      }),
    ),
  );

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
  /** `unavailable`: its offering has no capacity, so that its node exists but cannot be started. */
  readonly kind: "object" | "deleted" | "unavailable";
  readonly foreign: readonly Taint[];
}

const addStandby = (pool: DemandPool, standby: readonly Standby[]): DemandPool => {
  const all = standby.map(({ zone, kind, foreign }, index) => {
    const zoneName = ZONES[zone] ?? "";
    const nodeName = `${pool.name}-s${index}`;
    const record = aRecord("standby", {
      zone: zoneName,
      ...(kind === "deleted" ? { nodeName: undefined } : { nodeName }),
    });
    return { kind, record, node: stopped(nodeOfPool(pool, nodeName, zoneName), foreign) };
  });
  return {
    ...pool,
    standby: all.flatMap(({ kind, record }) => (kind === "unavailable" ? [] : [record])),
    nodes: new Map(all.flatMap(({ kind, node }) => (kind === "deleted" ? [] : [[node.metadata.name, node] as const]))),
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
  kind: fc.constantFrom("object", "object", "deleted", "unavailable"),
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

const claims: ClusterContext["claims"] = ["one", "two"].map((name) => ({
  metadata: { name, namespace: "default" },
  spec: { storageClassName: "ebs", accessModes: [name === "one" ? "ReadWriteOncePod" : "ReadWriteMany"] },
}));
const storageClasses: ClusterContext["storageClasses"] = [
  { metadata: { name: "ebs" }, provisioner: "ebs.csi.aws.com", volumeBindingMode: "WaitForFirstConsumer" },
];

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
      context: { daemonSets: sets, claims, storageClasses },
    }),
  );
