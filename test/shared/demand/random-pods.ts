/** Random pods, DaemonSets and claims for properties of the demand planner. */
import fc from "fast-check";
import type { ClusterContext } from "../../../shared/demand/view.ts";
import type {
  Container,
  DaemonSet,
  KubePod,
  PodSpec,
  ResourceList,
  Taint,
} from "../../../shared/model/kubernetes/objects.ts";
import { NOW } from "../pool/builders.ts";
import { aDaemonSet, aPendingPod } from "./builders.ts";

export const ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"];
const APPS = ["web", "db"];
const HOSTNAME = "kubernetes.io/hostname";
const ZONE = "topology.kubernetes.io/zone";
/** Of a pool. */
export const CI: Taint = { key: "team", value: "ci", effect: "NoSchedule" };
/** Of a node class. */
export const CLASS_TAINT: Taint = { key: "class", value: "gpu", effect: "NoSchedule" };

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
const term = fc.record({
  labelSelector: selector,
  topologyKey,
  keys: fc.constantFrom({}, {}, { matchLabelKeys: ["batch"] }, { mismatchLabelKeys: ["batch"] }),
  where: fc.constantFrom({}, {}, { namespaces: ["other"] }, { namespaceSelector: {} }),
});
const terms = fc.array(
  term.map(({ keys, where, ...plain }) => ({ ...plain, ...keys, ...where })),
  { minLength: 1, maxLength: 2 },
);
const spread = fc.record({
  labelSelector: selector,
  topologyKey,
  maxSkew: fc.integer({ min: 1, max: 2 }),
  whenUnsatisfiable: fc.constantFrom("DoNotSchedule", "ScheduleAnyway"),
  minDomains: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
  nodeTaintsPolicy: fc.constantFrom("Honor", "Ignore", undefined),
  nodeAffinityPolicy: fc.constantFrom("Honor", "Ignore", undefined),
  matchLabelKeys: fc.constantFrom(undefined, undefined, ["batch"]),
});
const required = <T>(of: T) => ({ requiredDuringSchedulingIgnoredDuringExecution: of });
const nodeTerm = fc.constantFrom(
  { key: ZONE, operator: "NotIn", values: ZONES.slice(0, 1) },
  { key: HOSTNAME, operator: "NotIn", values: ["workers-s0"] },
  { key: HOSTNAME, operator: "In", values: ["workers-s0", "tainted-s1"] },
  { key: "tier", operator: "Exists" },
  { key: "tier", operator: "DoesNotExist" },
  { key: "disk", operator: "Exists" },
  { key: "disk", operator: "DoesNotExist" },
);
const nodeField = fc
  .constantFrom("In", "NotIn")
  .map((operator) => ({ key: "metadata.name", operator, values: ["workers-s0"] }));
const nodeTerms = fc
  .record({ expression: nodeTerm, field: fc.option(nodeField, { freq: 3, nil: undefined }) })
  .map(({ expression, field }) => ({ matchExpressions: [expression], ...(field && { matchFields: [field] }) }));

type PodRule = Partial<PodSpec>;
const podRule: fc.Arbitrary<PodRule> = fc.oneof(
  fc.constant({}),
  fc.constant({ tolerations: [{ key: CI.key, operator: "Exists" }] }),
  fc.constant({ tolerations: [{ operator: "Exists" }] }),
  fc.constantFrom(...ZONES).map((zone) => ({ nodeSelector: { [ZONE]: zone } })),
  fc.constantFrom("warm", "hot").map((tier) => ({ nodeSelector: { tier } })),
  fc.constantFrom("workers-s0", "gone").map((host) => ({ nodeSelector: { [HOSTNAME]: host } })),
  nodeTerms.map((one) => ({ affinity: { nodeAffinity: required({ nodeSelectorTerms: [one] }) } })),
  terms.map((of) => ({ affinity: { podAntiAffinity: required(of) } })),
  terms.map((of) => ({ affinity: { podAffinity: required(of) } })),
  spread.map((of) => ({ topologySpreadConstraints: [of] })),
  fc.constant({ overhead: { cpu: "250m" } }),
  // The API server takes no less than the containers' sum.
  fc.constant({ resources: { requests: { cpu: "2" } } }),
  fc.integer({ min: 1, max: 2 }).map((priority) => ({ priority })),
  fc.constant({ tolerations: [CI, CLASS_TAINT].map(({ key }) => ({ key, operator: "Exists" })) }),
  requests.map((of) => ({ initContainers: [{ name: "init", resources: { requests: of } }] })),
  requests.map((of) => ({
    initContainers: [{ name: "sidecar", restartPolicy: "Always", resources: { requests: of } }],
  })),
  fc.constantFrom("one", "two", "in-a-zone", "going", "missing").map((claimName) => ({
    volumes: [{ name: "data", persistentVolumeClaim: { claimName } }],
  })),
);

export interface Group {
  readonly requested: ResourceList;
  readonly app: string;
  readonly namespace: string;
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
    namespace: fc.constantFrom("default", "default", "other"),
    count: fc.integer({ min: 1, max: 5 }),
    rules: fc.array(podRule, { maxLength: 2 }),
    hasPort: fc.nat(4).map((chance) => chance === 0),
  })
  .map(({ requested, app, namespace, count, rules, hasPort }) => ({
    requested,
    app,
    namespace,
    count,
    spec: { ...Object.assign({}, ...rules), ...(hasPort && { containers: [withPort(requested)] }) },
  }));

export const podsOf = (groups: readonly Group[], prefix: string): readonly KubePod[] =>
  groups.flatMap(({ requested, app, namespace, count, spec }, index) =>
    Array.from({ length: count }, (_, each) =>
      aPendingPod(`${prefix}${index}-${each}`, requested, {
        labels: { app, batch: String(each % 2) },
        namespace,
        spec,
      }),
    ),
  );

const daemonSetContainer = fc.constantFrom<Container>(
  { name: "limits", resources: { limits: { cpu: "300m" } } },
  { name: "requests", resources: { requests: { cpu: "200m", memory: "500Mi" } } },
  { name: "port", ports: [{ containerPort: 8080 }] },
);
export const daemonSets: fc.Arbitrary<readonly DaemonSet[]> = fc
  .array(
    fc.record({
      container: daemonSetContainer,
      hostNetwork: fc.boolean(),
      toleratesAll: fc.boolean(),
      rule: fc.constantFrom<PodRule>(
        ...[{}, {}, {}, { resources: { limits: { memory: "1Gi" } } }],
        ...[{ nodeSelector: { tier: "warm" } }, { nodeSelector: { disk: "nvme" } }],
      ),
    }),
    { maxLength: 2 },
  )
  .map((all) =>
    all.map(({ container, hostNetwork, toleratesAll, rule }, index) =>
      aDaemonSet(`ds-${index}`, {
        containers: [container],
        ...rule,
        hostNetwork,
        ...(toleratesAll && { tolerations: [{ operator: "Exists" }] }),
      }),
    ),
  );

export const NAMESPACES = ["default", "other"];

/** `one` can be used by one pod at a time. */
const CLAIMS = {
  one: { spec: { storageClassName: "ebs", accessModes: ["ReadWriteOncePod"] } },
  two: { spec: { storageClassName: "ebs", accessModes: ["ReadWriteMany"] } },
  "in-a-zone": { spec: { volumeName: "in-a-zone" } },
  going: { spec: { storageClassName: "ebs" }, deletionTimestamp: new Date(NOW).toISOString() },
};
const claims: ClusterContext["claims"] = NAMESPACES.flatMap((namespace) =>
  Object.entries(CLAIMS).map(([name, { spec, ...metadata }]) => ({ metadata: { name, namespace, ...metadata }, spec })),
);
const volumes: ClusterContext["volumes"] = [
  {
    metadata: { name: "in-a-zone" },
    spec: {
      csi: { driver: "ebs.csi.aws.com" },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: ZONE, operator: "In", values: ZONES.slice(1, 2) }] }],
        },
      },
    },
  },
];
const storageClasses: ClusterContext["storageClasses"] = [
  { metadata: { name: "ebs" }, provisioner: "ebs.csi.aws.com", volumeBindingMode: "WaitForFirstConsumer" },
];

export const storage = { claims, volumes, storageClasses };
