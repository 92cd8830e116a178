import { type Case, specCase } from "./crd-cases.ts";

const pool = specCase("NodePool");
const taint = { key: "dedicated", value: "ci", effect: "NoSchedule" };

/** A refusal says beside the pattern, in words, what is allowed, with an example. */
const explained = ({ source }: RegExp): RegExp =>
  new RegExp(`${source}: Invalid value: [^,]*a duration.* such as [0-9]+[smh]`);

const duration = (path: (value: string) => object, field: RegExp): Case[] => [
  pool(`${field.source} is a duration`, path("1h30m"), path("5 minutes"), explained(field)),
  pool(`${field.source} is not negative`, path("90s"), path("-5m"), explained(field)),
];

/** One good and one bad object for each rule of the NodePool CRD. */
export const NODE_POOL_CASES: readonly Case[] = [
  pool("poolSize is at least 1", { poolSize: 2 }, { poolSize: 0, minStandby: 0 }, /spec\.poolSize/),
  pool("poolSize is at most 1000", { poolSize: 1000 }, { poolSize: 1001 }, /spec\.poolSize/),
  pool("poolSize is required", {}, { poolSize: undefined }, /spec\.poolSize: Required/),
  pool("minStandby is required", { minStandby: 0 }, { minStandby: undefined }, /spec\.minStandby: Required/),
  pool("minStandby is not negative", { minStandby: 0 }, { minStandby: -1 }, /spec\.minStandby/),
  pool(
    "minStandby fits the pool",
    { poolSize: 4, minStandby: 4 },
    { poolSize: 4, minStandby: 5 },
    /spec\.minStandby.*minStandby \(5\) must not be greater than poolSize \(4\)/,
  ),
  pool(
    "labels do not say what the node is",
    { template: { labels: { "node.kubernetes.io/lifecycle": "normal", "topology.kubernetes.io/rack": "r1" } } },
    { template: { labels: { "topology.kubernetes.io/zone": "us-east-1a" } } },
    /labels must not set kubernetes\.io\/hostname.*which the node sets itself/,
  ),
  pool(
    "taints are not those of controllers",
    { template: { taints: [taint], startupTaints: [{ ...taint, key: "node.cilium.io/agent-not-ready" }] } },
    { template: { taints: [{ ...taint, key: "node.kubernetes.io/not-ready" }] } },
    /taints\[0\]\.key.*reserved for controllers/,
  ),
  pool(
    "startup taints are not those of Stratos",
    {},
    { template: { startupTaints: [{ ...taint, key: "stratos.sh/standby" }] } },
    /startupTaints\[0\]\.key.*reserved for controllers/,
  ),
  pool(
    "upstream's cloudProvider is refused with the field to use",
    {},
    { template: { cloudProvider: "aws" } },
    /template\.cloudProvider.*nodeClassRef\.kind/,
  ),
  pool(
    "upstream's imagesToPull is refused with the field to use",
    { preWarm: { images: ["redis"] } },
    { preWarm: { imagesToPull: ["redis"] } },
    /preWarm\.imagesToPull.*use images/,
  ),
  pool(
    "default resources are quantities",
    { scaleUp: { defaultPodResources: { limits: { cpu: 1, memory: "1Gi" } } } },
    { scaleUp: { defaultPodResources: { limits: { memory: "1 GB" } } } },
    /defaultPodResources\.limits\.memory/,
  ),
  pool(
    "a required namespace is a name",
    { preWarm: { requiredNamespaces: ["monitoring"] } },
    { preWarm: { requiredNamespaces: ["Monitoring"] } },
    /requiredNamespaces\[0\]/,
  ),
  pool("weight is not negative", { weight: 0 }, { weight: -1 }, /spec\.weight/),
  pool("weight is at most 100", { weight: 100 }, { weight: 101 }, /spec\.weight/),
  pool("template is required", {}, { template: undefined }, /spec\.template: Required/),
  pool(
    "nodeClassRef has a known kind",
    {},
    { template: { nodeClassRef: { kind: "EC2NodeClass" } } },
    /nodeClassRef\.kind.*supported values: "AWSNodeClass"/,
  ),
  pool("nodeClassRef has a name", {}, { template: { nodeClassRef: { name: "" } } }, /nodeClassRef\.name/),
  pool(
    "the pool label equals the pool's name",
    { template: { labels: { "stratos.sh/pool": "ci", team: "build" } } },
    { template: { labels: { "stratos.sh/pool": "other" } } },
    /labels\["stratos\.sh\/pool"\] must equal metadata\.name/,
  ),
  {
    kind: "NodePool",
    rule: "the name fits into a label",
    good: { metadata: { name: "a".repeat(63) } },
    bad: { metadata: { name: "a".repeat(64) } },
    says: /metadata\.name must have at most 63 characters/,
  },
  pool(
    "label values are valid",
    { template: { labels: { team: "" } } },
    { template: { labels: { team: "build team" } } },
    /spec\.template\.labels\.team/,
  ),
  pool(
    "taints have a known effect",
    { template: { taints: [taint] } },
    { template: { taints: [{ ...taint, effect: "Never" }] } },
    /taints\[0\]\.effect/,
  ),
  pool(
    "a taint's key is a qualified name",
    { template: { taints: [{ ...taint, key: "example.com/gpu" }] } },
    { template: { startupTaints: [{ ...taint, key: "a b" }] } },
    /startupTaints\[0\]\.key/,
  ),
  pool(
    "a taint's value is a label value",
    { template: { taints: [{ ...taint, value: "" }] } },
    { template: { taints: [{ ...taint, value: "'" }] } },
    /taints\[0\]\.value/,
  ),
  pool(
    "taints are unique",
    { template: { startupTaints: [taint, { ...taint, effect: "NoExecute" }] } },
    { template: { startupTaints: [taint, taint] } },
    /startupTaints\[1\]: Duplicate/,
  ),
  pool(
    "a taint is either permanent or a startup taint",
    { template: { taints: [taint], startupTaints: [{ ...taint, key: "cold" }] } },
    { template: { taints: [taint], startupTaints: [taint] } },
    /taints and startupTaints must not name the same key and effect/,
  ),
  pool(
    "networkReadinessStrategy is a known value",
    { template: { networkReadinessStrategy: "None" } },
    { template: { networkReadinessStrategy: "Label" } },
    /networkReadinessStrategy/,
  ),
  pool(
    "startupTaintRemoval is a known value",
    { template: { startupTaintRemoval: "External" } },
    { template: { startupTaintRemoval: "Never" } },
    /startupTaintRemoval/,
  ),
  pool(
    "networkPodSelector holds label values",
    { template: { networkPodSelector: { "k8s-app": "aws-node" } } },
    { template: { networkPodSelector: { "k8s-app": "aws node" } } },
    /spec\.template\.networkPodSelector/,
  ),
  pool(
    "standby.nodeObject is a known value",
    { standby: { nodeObject: "Delete" } },
    { standby: { nodeObject: "Remove" } },
    /standby\.nodeObject.*supported values: "Keep", "Delete"/,
  ),
  ...duration((value) => ({ scaleUp: { startTimeout: value } }), /spec\.scaleUp\.startTimeout/),
  pool(
    "scaleUp.startTimeout is not zero",
    { scaleUp: { startTimeout: "1s" } },
    { scaleUp: { startTimeout: "0" } },
    /startTimeout must be a duration longer than 0s, such as 2m/,
  ),
  pool(
    "reconciliationInterval is at least 5s",
    { reconciliationInterval: "5s" },
    { reconciliationInterval: "4999ms" },
    /reconciliationInterval must be a duration of at least 5s, such as 30s/,
  ),
  pool(
    "reconciliationInterval cannot be disabled",
    { reconciliationInterval: "1m" },
    { reconciliationInterval: "0" },
    /reconciliationInterval must be a duration of at least 5s, such as 30s/,
  ),
  ...duration((value) => ({ reconciliationInterval: value }), /spec\.reconciliationInterval/),
  ...duration((value) => ({ maxNodeRuntime: value }), /spec\.maxNodeRuntime/),
  ...duration((value) => ({ preWarm: { timeout: value } }), /spec\.preWarm\.timeout/),
  pool(
    "maxAge is a duration",
    { preWarm: { maxAge: "720h" } },
    { preWarm: { maxAge: "30 days" } },
    explained(/spec\.preWarm\.maxAge/),
  ),
  pool(
    "maxAge is not negative",
    { preWarm: { maxAge: "1h30m" } },
    { preWarm: { maxAge: "-5h" } },
    explained(/spec\.preWarm\.maxAge/),
  ),
  pool(
    "disruption.maxUnavailable is a percentage or a number",
    { disruption: { maxUnavailable: "25%" } },
    { disruption: { maxUnavailable: "few" } },
    /spec\.disruption\.maxUnavailable/,
  ),
  pool(
    "disruption.maxUnavailable is at least one node",
    { disruption: { maxUnavailable: 1 } },
    { disruption: { maxUnavailable: 0 } },
    /spec\.disruption\.maxUnavailable/,
  ),
  ...duration((value) => ({ scaleDown: { emptyNodeTTL: value } }), /spec\.scaleDown\.emptyNodeTTL/),
  ...duration((value) => ({ scaleDown: { surplusStandbyTTL: value } }), /spec\.scaleDown\.surplusStandbyTTL/),
  ...duration((value) => ({ scaleDown: { drainTimeout: value } }), /spec\.scaleDown\.drainTimeout/),
  ...duration((value) => ({ spotReplacement: { replacementDelay: value } }), /spec\.spotReplacement\.replacementDelay/),
  pool(
    "maxNodeRuntime can be switched off",
    { maxNodeRuntime: "0" },
    { maxNodeRuntime: "off" },
    explained(/spec\.maxNodeRuntime/),
  ),
  pool(
    "preWarm.timeout leaves some time",
    { preWarm: { timeout: "1s" } },
    { preWarm: { timeout: "0" } },
    /timeout must be a duration longer than 0s, such as 10m/,
  ),
  pool(
    "timeoutAction is a known value",
    { preWarm: { timeoutAction: "terminate" } },
    { preWarm: { timeoutAction: "retry" } },
    /timeoutAction/,
  ),
  pool(
    "completionMode is a known value",
    { preWarm: { completionMode: "ControllerStop" } },
    { preWarm: { completionMode: "Auto" } },
    /completionMode/,
  ),
  pool(
    "images are image references",
    { preWarm: { images: ["localhost:5000/a_b/c-d:v1.2@sha256:0123"] } },
    { preWarm: { images: ["--user=x"] } },
    /images\[0\]/,
  ),
  pool("images are not empty", { preWarm: { images: ["redis:8"] } }, { preWarm: { images: [""] } }, /images\[0\]/),
  pool(
    "imagePullPolicy is a known value",
    { preWarm: { imagePullPolicy: "BestEffort" } },
    { preWarm: { imagePullPolicy: "Always" } },
    /imagePullPolicy/,
  ),
  pool("paused is a boolean", { paused: true }, { paused: "yes" }, /spec\.paused.*boolean/),
  pool("dryRun is a boolean", { dryRun: true }, { dryRun: "server" }, /spec\.dryRun.*boolean/),
  pool(
    "maxAge can be disabled",
    { preWarm: { maxAge: "0" } },
    { preWarm: { maxAge: "never" } },
    explained(/spec\.preWarm\.maxAge/),
  ),
  pool(
    "maxAge is at least 1h",
    { preWarm: { maxAge: "1h" } },
    { preWarm: { maxAge: "59m" } },
    /preWarm\.maxAge.*maxAge must be 0 or a duration of at least 1h, such as 720h/,
  ),
  pool(
    "refresh.maxUnavailable is not negative",
    { preWarm: { refresh: { maxUnavailable: 0 } } },
    { preWarm: { refresh: { maxUnavailable: -1 } } },
    /refresh\.maxUnavailable.*greater than or equal to 0/,
  ),
  pool(
    "refresh.maxUnavailable is at most 1000",
    { preWarm: { refresh: { maxUnavailable: 1000 } } },
    { preWarm: { refresh: { maxUnavailable: 1001 } } },
    /refresh\.maxUnavailable.*less than or equal to 1000/,
  ),
  pool(
    "overflow is a known value",
    { scaleUp: { overflow: "None" } },
    { scaleUp: { overflow: "Spot" } },
    /scaleUp\.overflow/,
  ),
  pool(
    "default requests are quantities",
    { scaleUp: { defaultPodResources: { requests: { cpu: 1, memory: "1.5Gi" } } } },
    { scaleUp: { defaultPodResources: { requests: { cpu: "some" } } } },
    /requests\.cpu/,
  ),
  pool(
    "exponents of default requests are of a size that means something",
    { scaleUp: { defaultPodResources: { requests: { memory: "2e9" } } } },
    { scaleUp: { defaultPodResources: { requests: { cpu: "1e9999" } } } },
    /requests\.cpu/,
  ),
];
