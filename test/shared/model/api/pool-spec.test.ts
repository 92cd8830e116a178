import { expect, test } from "vitest";
import { poolSpecOf } from "../../../../shared/model/api/pool-spec.ts";
import type { AWSNodeClass, NodePool, NodePoolSpec } from "../../../../shared/model/api/types.ts";

const aPool = (spec: Partial<NodePoolSpec> = {}): NodePool => ({
  apiVersion: "stratos.sh/v1alpha1",
  kind: "NodePool",
  metadata: { name: "ci" },
  spec: { poolSize: 4, minStandby: 2, template: { nodeClassRef: { kind: "AWSNodeClass", name: "workers" } }, ...spec },
});

const bottlerocket: AWSNodeClass = {
  apiVersion: "stratos.sh/v1alpha1",
  kind: "AWSNodeClass",
  metadata: { name: "workers" },
  spec: { instanceType: "m5.large", bootstrapTemplate: "Bottlerocket" },
};

test("an empty pool gets the defaults of the CRD", () => {
  expect(poolSpecOf(aPool())).toEqual({
    poolSize: 4,
    minStandby: 2,
    paused: false,
    dryRun: false,
    weight: 0,
    reconciliationIntervalMs: 30_000,
    maxNodeRuntimeMs: 0,
    template: {
      nodeClassRef: { name: "workers" },
      labels: { "stratos.sh/pool": "ci" },
      taints: [],
      startupTaints: [],
      startupTaintRemoval: "WhenNetworkReady",
      networkReadinessStrategy: "Taint",
      networkPodSelector: undefined,
    },
    preWarm: {
      timeoutMs: 600_000,
      timeoutAction: "stop",
      completionMode: "SelfStop",
      images: [],
      requiredNamespaces: ["kube-system"],
      imagePullPolicy: "Required",
      maxAgeMs: 0,
      refresh: { maxUnavailable: 1 },
    },
    standby: { nodeObject: "Keep" },
    scaleUp: { startTimeoutMs: 120_000, overflow: "Launch", defaultPodResources: { requests: {} } },
    disruption: { maxUnavailable: "10%", protectedPodTimeoutMs: 86_400_000 },
    scaleDown: { enabled: true, emptyNodeTtlMs: 300_000, surplusStandbyTtlMs: 86_400_000, drainTimeoutMs: 300_000 },
    spotReplacement: { enabled: false, replacementDelayMs: 120_000 },
  });
});

test("values of the pool override the defaults", () => {
  const pool = aPool({
    maxNodeRuntime: "12h",
    scaleDown: { enabled: false, emptyNodeTTL: "0" },
    scaleUp: { defaultPodResources: { requests: { cpu: 1 }, limits: { cpu: 4, memory: "1Gi" } } },
  });
  expect(poolSpecOf(pool)).toMatchObject({
    maxNodeRuntimeMs: 43_200_000,
    scaleDown: { enabled: false, emptyNodeTtlMs: 0, drainTimeoutMs: 300_000 },
    scaleUp: { defaultPodResources: { requests: { cpu: "1", memory: "1Gi" } } },
  });
});

test("Bottlerocket cannot power itself off, so the controller stops it by default", () => {
  expect(poolSpecOf(aPool(), bottlerocket).preWarm.completionMode).toBe("ControllerStop");
});

test("an explicit completion mode overrides the default of the operating system", () => {
  const pool = aPool({ preWarm: { completionMode: "SelfStop" } });
  expect(poolSpecOf(pool, bottlerocket).preWarm.completionMode).toBe("SelfStop");
});

test("an invalid duration throws an error that names the field", () => {
  expect(() => poolSpecOf(aPool({ preWarm: { timeout: "soon" } }))).toThrow('spec.preWarm.timeout: found "soon"');
});
