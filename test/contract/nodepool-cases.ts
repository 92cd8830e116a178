import { type Case, specCase } from "./crd-cases.ts";

const pool = specCase("NodePool");
const taint = { key: "dedicated", value: "ci", effect: "NoSchedule" };

const duration = (path: (value: string) => object, field: RegExp): Case[] => [
  pool(`${field.source} is a duration`, path("1h30m"), path("5 minutes"), field),
  pool(`${field.source} is not negative`, path("90s"), path("-5m"), field),
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
    /spec\.minStandby.*minStandby must not be greater than poolSize/,
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
    "the pool's label is the pool's name",
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
    "label values are label values",
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
    "taints are unique",
    { template: { startupTaints: [taint, { ...taint, effect: "NoExecute" }] } },
    { template: { startupTaints: [taint, taint] } },
    /startupTaints\[1\]: Duplicate/,
  ),
  pool(
    "a taint is permanent or for the start, not both",
    { template: { taints: [taint], startupTaints: [{ ...taint, key: "cold" }] } },
    { template: { taints: [taint], startupTaints: [taint] } },
    /taints and startupTaints must not name the same key and effect/,
  ),
  pool(
    "networkReadinessStrategy is known",
    { template: { networkReadinessStrategy: "None" } },
    { template: { networkReadinessStrategy: "Label" } },
    /networkReadinessStrategy/,
  ),
  pool(
    "networkPodSelector holds label values",
    { template: { networkPodSelector: { "k8s-app": "aws-node" } } },
    { template: { networkPodSelector: { "k8s-app": "aws node" } } },
    /spec\.template\.networkPodSelector/,
  ),
  pool(
    "standby.nodeObject is known",
    { standby: { nodeObject: "Delete" } },
    { standby: { nodeObject: "Remove" } },
    /standby\.nodeObject.*supported values: "Keep", "Delete"/,
  ),
  ...duration((value) => ({ scaleUp: { startTimeout: value } }), /spec\.scaleUp\.startTimeout/),
  pool(
    "scaleUp.startTimeout leaves some time",
    { scaleUp: { startTimeout: "1s" } },
    { scaleUp: { startTimeout: "0" } },
    /startTimeout must be longer than 0s/,
  ),
  pool(
    "reconciliationInterval is at least 5s",
    { reconciliationInterval: "5s" },
    { reconciliationInterval: "4999ms" },
    /reconciliationInterval must be at least 5s/,
  ),
  pool(
    "reconciliationInterval cannot be switched off",
    { reconciliationInterval: "1m" },
    { reconciliationInterval: "0" },
    /reconciliationInterval must be at least 5s/,
  ),
  ...duration((value) => ({ reconciliationInterval: value }), /spec\.reconciliationInterval/),
  ...duration((value) => ({ maxNodeRuntime: value }), /spec\.maxNodeRuntime/),
  ...duration((value) => ({ preWarm: { timeout: value } }), /spec\.preWarm\.timeout/),
  ...duration((value) => ({ preWarm: { maxAge: value } }), /spec\.preWarm\.maxAge/),
  ...duration((value) => ({ scaleDown: { emptyNodeTTL: value } }), /spec\.scaleDown\.emptyNodeTTL/),
  ...duration((value) => ({ scaleDown: { surplusStandbyTTL: value } }), /spec\.scaleDown\.surplusStandbyTTL/),
  ...duration((value) => ({ scaleDown: { drainTimeout: value } }), /spec\.scaleDown\.drainTimeout/),
  ...duration((value) => ({ spotReplacement: { replacementDelay: value } }), /spec\.spotReplacement\.replacementDelay/),
  pool(
    "maxNodeRuntime can be switched off",
    { maxNodeRuntime: "0" },
    { maxNodeRuntime: "off" },
    /spec\.maxNodeRuntime/,
  ),
  pool(
    "preWarm.timeout leaves some time",
    { preWarm: { timeout: "1s" } },
    { preWarm: { timeout: "0" } },
    /timeout must be longer than 0s/,
  ),
  pool(
    "timeoutAction is known",
    { preWarm: { timeoutAction: "terminate" } },
    { preWarm: { timeoutAction: "retry" } },
    /timeoutAction/,
  ),
  pool(
    "completionMode is known",
    { preWarm: { completionMode: "ControllerStop" } },
    { preWarm: { completionMode: "Auto" } },
    /completionMode/,
  ),
  pool("images are not empty", { preWarm: { images: ["redis:8"] } }, { preWarm: { images: [""] } }, /images\[0\]/),
  pool(
    "imagePullPolicy is known",
    { preWarm: { imagePullPolicy: "BestEffort" } },
    { preWarm: { imagePullPolicy: "Always" } },
    /imagePullPolicy/,
  ),
  pool("paused is yes or no", { paused: true }, { paused: "yes" }, /spec\.paused.*boolean/),
  pool("dryRun is yes or no", { dryRun: true }, { dryRun: "server" }, /spec\.dryRun.*boolean/),
  pool(
    "maxAge can be switched off",
    { preWarm: { maxAge: "0" } },
    { preWarm: { maxAge: "never" } },
    /spec\.preWarm\.maxAge/,
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
    "default requests are quantities",
    { scaleUp: { defaultPodResources: { requests: { cpu: 1, memory: "1.5Gi" } } } },
    { scaleUp: { defaultPodResources: { requests: { cpu: "some" } } } },
    /requests\.cpu/,
  ),
];
