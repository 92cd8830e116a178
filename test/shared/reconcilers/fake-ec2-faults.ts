/** The faults of the fake EC2, with the rules of the simulated one: its calls ask here whether and how they fail. */
import type { InstanceFaults } from "../../../local/aws/ec2/faults.ts";
import { createLaggingReads } from "../../../local/aws/ec2/lagging-reads.ts";
import { createSlowStops } from "../../../local/aws/ec2/slow-stops.ts";
import { createThrottle } from "../../../local/aws/ec2/throttle.ts";
import { type AffectedInstance, createUndone, UNDO_REASON, type UndoReason } from "../../../local/aws/ec2/undone.ts";
import type { Ec2 } from "../../../shared/aws/ec2.ts";
import type { Ec2Instance, InstanceState } from "../../../shared/model/ec2.ts";

interface FaultedEc2 {
  readonly instances: ReadonlyMap<string, Ec2Instance>;
  readonly capacity: Map<string, number>;
  now(): number;
  change(instanceId: string, change: Partial<Ec2Instance>): void;
}

/** What a transition completes to. */
const COMPLETED: Partial<Record<InstanceState, InstanceState>> = {
  pending: "running",
  stopping: "stopped",
  "shutting-down": "terminated",
};

/** Repeatable values in [0, 1). */
const createRandom = () => {
  let seed = 1;
  return () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
};

const affectedBy = ({ instanceId, zone, instanceType }: Ec2Instance): AffectedInstance => ({
  id: instanceId,
  zone,
  instanceType,
});

export const createFakeFaults = (ec2: FaultedEc2) => {
  const { now } = ec2;
  const random = createRandom();
  const undone = createUndone();
  const slow = createSlowStops();
  const reads = createLaggingReads<Ec2Instance>(now, random);
  const throttle = createThrottle({ now }, random);
  const throttled = new Set<string>();
  const protectedIds = new Set<string>();
  /** By instance: why EC2 undoes its start or launch, and where that ends. */
  const undoing = new Map<string, { readonly state: InstanceState; readonly reason: UndoReason }>();
  const stops = new Map<string, { readonly at: number; readonly atLeastMs: number }>();
  const ran = new Set<string>();
  let lags = false;

  const beginStop = (id: string, force: boolean) => {
    const instance = ec2.instances.get(id);
    const atLeastMs = force || !instance ? 0 : slow.atLeastMs(affectedBy(instance));
    stops.set(id, { at: now(), atLeastMs });
  };

  const faults: InstanceFaults = {
    failStarts: undone.failStarts,
    failLaunches: undone.failLaunches,
    protectStop: (id, isProtected) => void (isProtected ? protectedIds.add(id) : protectedIds.delete(id)),
    slowStops: slow.slowStops,
    hangStops: slow.hangStops,
    lagReads: (maxMs) => {
      lags = maxMs > 0;
      reads.lagReads(maxMs);
    },
    otherUsers: (action, ratePerSecond) => {
      throttled.add(action);
      throttle.setOthers(action, ratePerSecond);
    },
    setCapacity: (zone, type, free) => void ec2.capacity.set(`${type} in ${zone}`, free),
    clearCapacity: (zone, type) => void ec2.capacity.delete(`${type} in ${zone}`),
    start: (id) => ec2.change(id, { state: "pending", launchTime: now() }),
    stop: (id) => ec2.change(id, { state: "stopping", stateReason: "Client.UserInitiatedShutdown" }),
    terminate: (id) => ec2.change(id, { state: "shutting-down", stateReason: "Client.UserInitiatedShutdown" }),
  };

  return {
    faults,
    record: (instance: Ec2Instance) => reads.record(instance.instanceId, instance),
    /** What a describe shows of each instance. */
    shown: (): Ec2Instance[] => {
      const shownOf = reads.begin();
      return [...ec2.instances.values()].map((instance) => (lags && shownOf(instance.instanceId)) || instance);
    },
    /** EC2 refuses to stop an instance that is pending for the first time. */
    neverRan: (id: string) => ec2.instances.get(id)?.state === "pending" && !ran.has(id),
    isProtected: (id: string) => protectedIds.has(id),
    /** Throws RequestLimitExceeded if other users leave nothing of the action's bucket. */
    takeRequest: (method: keyof Ec2) => {
      const action = `${method.charAt(0).toUpperCase()}${method.slice(1)}`;
      if (throttled.has(action)) throttle.takeRequest(action, true);
    },
    beginStop,
    beginStart: (id: string) => {
      const instance = ec2.instances.get(id);
      const reason = instance && undone.ofStart(affectedBy(instance));
      if (reason) undoing.set(id, { state: "stopped", reason });
    },
    beginLaunch: (id: string) => {
      const reason = undone.ofLaunch();
      if (reason) undoing.set(id, { state: "terminated", reason });
    },
    /** Completes the instance's transition, if it is due. */
    complete: ({ instanceId, state }: Ec2Instance) => {
      const next = COMPLETED[state];
      const undo = state === "pending" ? undoing.get(instanceId) : undefined;
      undoing.delete(instanceId);
      if (undo) return ec2.change(instanceId, { state: undo.state, stateReason: UNDO_REASON[undo.reason].code });
      const stop = state === "stopping" ? stops.get(instanceId) : undefined;
      if (!next || (stop && now() - stop.at < stop.atLeastMs)) return;
      stops.delete(instanceId);
      ran.add(instanceId);
      ec2.change(instanceId, { state: next, ...(next === "running" && { stateReason: "" }) });
    },
  };
};
