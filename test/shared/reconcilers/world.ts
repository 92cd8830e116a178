/** One pool with one class on a fake EC2 and a fake cluster, with the real table if one is given. */

import { createEventRecorder } from "../../../shared/kube/events.ts";
import { paths } from "../../../shared/kube/paths.ts";
import type { AWSNodeClassSpec, NodePool } from "../../../shared/model/api/types.ts";
import type { InstanceRecord } from "../../../shared/model/instance-record.ts";
import type { KubeNode } from "../../../shared/model/kubernetes/objects.ts";
import type { SpotNotice } from "../../../shared/model/spot-notice.ts";
import { READINESS } from "../../../shared/nodeclass/launch-config.ts";
import type { ReconcileResult } from "../../../shared/queue/types.ts";
import { createDemandReconcile } from "../../../shared/reconcilers/demand/reconcile.ts";
import { createPoolReconcile } from "../../../shared/reconcilers/pool/reconcile.ts";
import type { ReconcilerPorts } from "../../../shared/reconcilers/ports.ts";
import { createLaunchRequestsTable } from "../../../shared/state/launch-requests-table.ts";
import { createPoolItemsTable } from "../../../shared/state/pool-items-table.ts";
import { createSlotTable } from "../../../shared/state/slots-table.ts";
import { createSpotNoticesTable } from "../../../shared/state/spot-notices-table.ts";
import { createUnavailableOfferingsTable } from "../../../shared/state/unavailable-offerings-table.ts";
import { createZoneDemandTable } from "../../../shared/state/zone-demand-table.ts";
import { anAddress } from "../bootstrap/builders.ts";
import { TABLE, type TestTable } from "../dynamo.ts";
import { createInMemoryDocuments } from "../in-memory-documents.ts";
import { aNodeClass } from "../nodeclass/builders.ts";
import { countingTelemetry } from "../queue/in-memory.ts";
import { createFakeEc2, type FakeEc2, LIVING } from "./fake-ec2.ts";
import { createFakeKube, type FakeKube } from "./fake-kube.ts";
import { createInterruptions, type Interruptions } from "./interruptions.ts";

export const CLUSTER = "test";
const NOW = Date.parse("2026-11-24T12:00:00Z");

export interface World {
  readonly pool: string;
  readonly ec2: FakeEc2;
  readonly kube: FakeKube;
  readonly interruptions: Interruptions;
  /** What the table holds of the pool, if it is in memory. */
  readonly memory: { size(): number; clear(): void };
  readonly ports: ReconcilerPorts;
  /** Work that was enqueued, as `kind key`. */
  readonly enqueued: string[];
  now(): number;
  /** Advances the time: EC2 completes transitions, machines boot, join the cluster, and power themselves off after their first boot. */
  advance(ms?: number): void;
  reconcilePool(): Promise<ReconcileResult>;
  reconcileDemand(): Promise<ReconcileResult>;
  records(): Promise<readonly InstanceRecord[]>;
  notices(): Promise<readonly SpotNotice[]>;
  node(instanceId: string): KubeNode | undefined;
}

export const aResolvedClass = (subnets: number, spec: Partial<AWSNodeClassSpec> = {}) =>
  aNodeClass({
    name: "workers",
    spec,
    status: {
      resolvedAMI: "ami-1",
      resolvedSubnets: Array.from({ length: subnets }, (_, index) => ({
        id: `subnet-${index}`,
        zone: `zone-of-subnet-${index}`,
      })),
      resolvedSecurityGroups: [{ id: "sg-1", name: "nodes" }],
      resolvedInstanceProfile: "nodes",
      conditions: [...READINESS].map((type) => ({
        type,
        status: "True" as const,
        reason: "Resolved",
        message: "",
        lastTransitionTime: new Date(NOW).toISOString(),
      })),
    },
  });

export const aPool = (name: string, spec: Partial<NodePool["spec"]> = {}): NodePool => ({
  apiVersion: "stratos.sh/v1alpha1",
  kind: "NodePool",
  metadata: { name, generation: 1 },
  spec: {
    poolSize: 3,
    minStandby: 2,
    template: { nodeClassRef: { kind: "AWSNodeClass", name: "workers" } },
    ...spec,
  },
});

/** Simulates EC2 and kubelets: completes transitions, registers nodes, reports conditions, ends warmups. */
const createMachines = (ec2: FakeEc2, kube: FakeKube, now: () => number) => {
  const warmed = new Set<string>();
  const conditions = (status: "True" | "Unknown") =>
    ["Ready", "NetworkingReady"].map((type) => ({ type, status, lastTransitionTime: new Date(now()).toISOString() }));

  const join = (instanceId: string, zone: string) => {
    const path = paths.node(`node-${instanceId}`);
    const status = {
      conditions: conditions("True"),
      allocatable: { cpu: "2", memory: "8Gi", pods: "10" },
      nodeInfo: { bootID: `${instanceId} at ${ec2.instances.get(instanceId)?.launchTime}` },
    };
    if (kube.at(path)) return kube.change(path, { status });
    kube.put(path, {
      metadata: { name: `node-${instanceId}` },
      spec: { providerID: `aws:///${zone}/${instanceId}` },
      status,
    });
  };

  const poolSelfStops = () =>
    kube.in<NodePool>(paths.nodePools()).every(({ spec }) => spec.preWarm?.completionMode !== "ControllerStop");

  return () => {
    const before = new Map([...ec2.instances].map(([id, { state }]) => [id, state]));
    ec2.completeTransitions();
    for (const { instanceId, state, zone } of ec2.inState("running", "stopped")) {
      if (state === "stopped")
        kube.change(paths.node(`node-${instanceId}`), { status: { conditions: conditions("Unknown") } });
      else if (before.get(instanceId) === "pending") join(instanceId, zone);
      else if (poolSelfStops() && !warmed.has(instanceId)) {
        warmed.add(instanceId);
        ec2.change(instanceId, { state: "stopping" });
      }
    }
  };
};

let worlds = 0;

export interface WorldOptions {
  readonly spec?: Partial<NodePool["spec"]>;
  /** One per zone; 1 by default. */
  readonly subnets?: number;
  /** In memory by default. */
  readonly table?: TestTable;
}

export const createWorld = ({ spec = {}, subnets = 1, table }: WorldOptions = {}): World => {
  worlds += 1;
  const pool = `pool-${worlds}`;
  let time = NOW;
  let ids = 0;
  const now = () => time;
  const ec2 = createFakeEc2(now);
  const kube = createFakeKube(now);
  const interruptions = createInterruptions();
  const enqueued: string[] = [];
  const inMemory = createInMemoryDocuments();
  const memory: World["memory"] = {
    size: () => inMemory.items().filter(({ pk }) => String(pk).startsWith("POOL#")).length,
    clear: inMemory.clear,
  };
  const documents = table?.documents ?? inMemory.client;
  const poolItems = createPoolItemsTable(documents, TABLE);
  const spotNotices = createSpotNoticesTable(documents, TABLE);
  const interceptedKube = interruptions.intercept("kube", kube.port);
  const ports: ReconcilerPorts = {
    kube: async () => interceptedKube,
    address: async () => anAddress({ name: CLUSTER }),
    ec2: interruptions.intercept("ec2", ec2.port),
    instanceHealth: async () => new Map(),
    zoneCensus: async () => new Map(),
    slots: interruptions.intercept("slots", createSlotTable(documents, TABLE)),
    launchRequests: interruptions.intercept("launchRequests", createLaunchRequestsTable(documents, TABLE)),
    zoneDemand: interruptions.intercept("zoneDemand", createZoneDemandTable(inMemory.client, TABLE)),
    poolItems: interruptions.intercept("poolItems", poolItems),
    unavailableOfferings: interruptions.intercept(
      "unavailableOfferings",
      createUnavailableOfferingsTable(inMemory.client, TABLE),
    ),
    spotNotices: interruptions.intercept("spotNotices", spotNotices),
    wakeQueue: interruptions.intercept("wakeQueue", {
      enqueue: async (kind: string, keys: readonly string[]) =>
        void enqueued.push(...keys.map((key) => `${kind} ${key}`)),
    }),
    telemetry: countingTelemetry(),
    recordEvents: createEventRecorder(),
    newId: () => {
      ids += 1;
      return `${pool}-${ids}`;
    },
  };
  const runMachines = createMachines(ec2, kube, now);
  const lease = (key: string) => ({ key, fence: 1, now, assertHeld: () => {} });
  kube.put(paths.nodeClass("workers"), aResolvedClass(subnets));
  kube.put(paths.nodePool(pool), aPool(pool, spec));
  return {
    pool,
    ec2,
    kube,
    interruptions,
    memory,
    ports,
    enqueued,
    now,
    advance: (ms = 10_000) => {
      time += ms;
      runMachines();
    },
    reconcilePool: () => createPoolReconcile(ports)(lease(`${CLUSTER}/${pool}`)),
    reconcileDemand: () => createDemandReconcile(ports)(lease(CLUSTER)),
    notices: () => spotNotices.read(CLUSTER),
    records: async () => (await poolItems.read({ cluster: CLUSTER, pool })).records,
    node: (instanceId) => kube.at<KubeNode>(paths.node(`node-${instanceId}`)),
  };
};

/** Reconciles the pool every 10 s until the condition holds, at most 40 times. */
export const reconcileUntil = async (
  world: World,
  description: string,
  holds: () => boolean | Promise<boolean>,
): Promise<void> => {
  for (let round = 0; round < 40; round += 1) {
    await world.reconcilePool();
    if (await holds()) return;
    world.advance();
  }
  throw new Error(`${description}: not within 40 reconciles: ${JSON.stringify(await world.records())}`);
};

export const states = async (world: World): Promise<string[]> => (await world.records()).map(({ state }) => state);

export const living = ({ ec2 }: World) => ec2.inState(...LIVING);

/** The messages of the events `Replenishing`. */
export const replenishments = ({ kube }: World): string[] =>
  kube
    .in<{ reason: string; message: string }>(paths.events("default"))
    .flatMap(({ reason, message }) => (reason === "Replenishing" ? message : []));

/** A pool with `minStandby` standby instances. */
export const warmedUp = async (options: WorldOptions = {}): Promise<World> => {
  const world = createWorld(options);
  const target = options.spec?.minStandby ?? 2;
  await reconcileUntil(world, "standby", async () => {
    const found = await states(world);
    return found.length === target && found.every((state) => state === "standby");
  });
  return world;
};

/** Adds an unschedulable pod that requests `cpu`. */
export const addPendingPod = ({ kube, now }: World, name: string, cpu = "500m"): void => {
  kube.put(paths.pod("default", name), {
    metadata: { name, namespace: "default" },
    spec: { containers: [{ name: "main", resources: { requests: { cpu } } }] },
    status: {
      phase: "Pending",
      conditions: [
        {
          type: "PodScheduled",
          status: "False",
          reason: "Unschedulable",
          lastTransitionTime: new Date(now()).toISOString(),
        },
      ],
    },
  });
};

export const bindPod = ({ kube }: World, name: string, nodeName: string): void =>
  kube.change(paths.pod("default", name), { spec: { nodeName }, status: { phase: "Running", conditions: [] } });

/** A pool with one node that runs one pod. */
export const withNodeInUse = async (options: WorldOptions = {}): Promise<{ world: World; instanceId: string }> => {
  const world = await warmedUp(options);
  addPendingPod(world, "pod");
  await world.reconcileDemand();
  const [instanceId = ""] = world.ec2.starts.flat();
  await reconcileUntil(world, "an open node", async () => world.node(instanceId)?.spec?.taints?.length === 0);
  bindPod(world, "pod", `node-${instanceId}`);
  await world.reconcilePool();
  return { world, instanceId };
};
