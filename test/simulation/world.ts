/** Everything together: production code, the simulated cloud and cluster, in one process and one virtual time. */
import type { VersionedStore } from "../../local/kubernetes/api-server/create-store.ts";
import type { KubeObject } from "../../local/kubernetes/api-server/store.ts";
import type { NetworkProfile } from "../../local/kubernetes/network/network.ts";
import { parseWake } from "../../shared/queue/messages.ts";
import { createInMemoryDocuments, type InMemoryDocuments } from "../shared/in-memory-documents.ts";
import type { Bug } from "./bugs.ts";
import type { Process } from "./call.ts";
import type { CallFaults } from "./call-faults.ts";
import { type Calls, createCalls } from "./calls.ts";
import { createSimulatedClock, type SimulatedClock } from "./clock.ts";
import { createSimulatedEc2, type SimulatedEc2 } from "./ec2.ts";
import { type SimulatedForwarder, startSimulatedForwarder } from "./forwarder.ts";
import { createFunctions, type Functions } from "./functions.ts";
import { createSimulatedKube, type KubeRequest, type SimulatedKube } from "./kube.ts";
import { createMessaging, type Messaging } from "./messaging.ts";
import { streamOf } from "./random.ts";
import type { Command } from "./sdk.ts";
import { createTrace, type Trace } from "./trace.ts";

/** A node that belongs to others. */
export const FOREIGN_NODE = "ip-10-9-9-9.ec2.internal";

export const START = Date.parse("2026-11-24T12:00:00Z");

export interface WorldOptions {
  readonly seed: number;
  readonly network: NetworkProfile;
  /** Whether the cluster has the driver of EBS volumes. */
  readonly hasVolumes: boolean;
  /** How many lines of the trace are kept. */
  readonly keep: number;
  readonly reads: boolean;
  readonly faults: CallFaults;
  readonly bug?: Bug | undefined;
}

/** What checks look at. */
export interface Hooks {
  readonly beforeEc2: Set<(command: Command) => void>;
  /** Only after commands that took effect. */
  readonly afterEc2: Set<(command: Command) => void>;
  readonly beforeKube: Set<(request: KubeRequest) => void>;
  readonly onTableLost: Set<() => void>;
  /** A function gets a message: the key as in `onReconcile`. */
  readonly onMessage: Set<(key: string, sentAt: number, isTimer: boolean) => void>;
  /** A reconcile of the key (`pool my-cluster/pool`) begins; `other` is the process that is at the same key already. */
  readonly onReconcile: Set<(key: string, process: Process, other: Process | undefined) => void>;
}

export interface SimulatedWorld {
  readonly hooks: Hooks;
  readonly clock: SimulatedClock;
  readonly ec2: SimulatedEc2;
  readonly kube: SimulatedKube;
  readonly store: VersionedStore;
  readonly documents: InMemoryDocuments;
  readonly messaging: Messaging;
  readonly functions: Functions;
  readonly forwarder: SimulatedForwarder;
  readonly calls: Calls;
  readonly trace: Trace;
  /** Creates or replaces an object as a user would, past admission. */
  apply(resource: string, object: KubeObject): void;
}

const hooked =
  <T>(
    before: ReadonlySet<(request: T) => void>,
    execute: (request: T) => unknown,
    after: ReadonlySet<(request: T) => void> = new Set(),
  ) =>
  (request: T): unknown => {
    for (const hook of before) hook(request);
    const response = execute(request);
    for (const hook of after) hook(request);
    return response;
  };

export const createSimulatedWorld = (options: WorldOptions): SimulatedWorld => {
  const { seed, network, hasVolumes, faults } = options;
  const clock = createSimulatedClock(START);
  const trace = createTrace({ now: clock.now, startAt: START, keep: options.keep, reads: options.reads });
  const calls = createCalls({
    clock,
    trace,
    plan: (call) => faults.plan(call, clock.now()),
    errorOf: faults.errorOf,
  });
  const ec2 = createSimulatedEc2({
    clock,
    random: streamOf(seed, "ec2"),
    emit: (event) => {
      const { "instance-id": id, state } = event.detail as Record<string, string>;
      trace.add("ec2", `${id} ${state ?? event.detailType}`);
      clock.resume();
      messaging.bus.put("default", event);
    },
  });
  const { machines } = ec2;
  const kube = createSimulatedKube({ clock, random: streamOf(seed, "kubernetes"), machines, network, hasVolumes });
  const documents = createInMemoryDocuments();
  const hooks: Hooks = {
    beforeEc2: new Set(),
    afterEc2: new Set(),
    beforeKube: new Set(),
    onTableLost: new Set(),
    onMessage: new Set(),
    onReconcile: new Set(),
  };
  const cloud = {
    clock,
    ec2: { ...ec2, execute: hooked(hooks.beforeEc2, ec2.execute, hooks.afterEc2) },
    kube: { ...kube, execute: hooked(hooks.beforeKube, kube.execute) },
    documents,
    calls,
    messaging: () => messaging,
  };
  const functions = createFunctions({
    cloud,
    random: streamOf(seed, "functions"),
    bug: options.bug,
    newSkewMs: faults.newSkewMs,
    onMessage: (kind, { body, attributes }) => {
      const { key, at } = parseWake(kind, body) ?? { key: "" };
      for (const hook of hooks.onMessage) hook(`${kind} ${key}`, Number(attributes.SentTimestamp), at !== undefined);
    },
    onReconcile: (key, process, other) => {
      for (const hook of hooks.onReconcile) hook(key, process, other);
    },
  });
  const messaging: Messaging = createMessaging({
    clock,
    random: streamOf(seed, "messages"),
    invoke: functions.invoke,
    invokeFunction: functions.invokeFunction,
  });
  const forwarder = startSimulatedForwarder(cloud, streamOf(seed, "forwarder"));
  const { store } = kube;
  return {
    hooks,
    clock,
    ec2,
    kube,
    store,
    documents,
    messaging,
    functions,
    forwarder,
    calls,
    trace,
    apply: (resource, object) => {
      const { name, namespace } = object.metadata;
      if (!store.get(resource, name, namespace)) return void store.create(resource, object);
      store.change(resource, name, namespace, (found) => void Object.assign(found, { spec: object.spec }));
    },
  };
};
