/** Fault injection for tests: failed calls, capacity shortages, and actions by AWS or by other users. */
import { createFaultBook, type FaultBook } from "./call-faults.ts";
import { emitRebalance, emitSpotWarning } from "./events.ts";
import type { Instance, StatusCheck } from "./instance.ts";
import { REASON, start, stop, terminate } from "./lifecycle.ts";
import type { Affected, UndoReason } from "./undone.ts";
import type { World } from "./world.ts";

/** EC2 interrupts a spot instance two minutes after the warning (Amazon EC2 User Guide). */
const SPOT_NOTICE_MS = 120_000;

/** The faults that the simulated EC2 and the fake of the unit tests have in common. */
export interface InstanceFaults {
  /**
   * EC2 accepts later starts of these instances and then undoes each: pending → stopped with the reason. Replaces the previous selection, so
   * that `failStarts([], …)` ends it.
   */
  failStarts(affected: Affected, reason: UndoReason): void;
  /** EC2 accepts the launches of the next `count` instances and then undoes each: pending → terminated with the reason. */
  failLaunches(count: number, reason: UndoReason): void;
  /** Same as ModifyInstanceAttribute with DisableApiStop: one such instance makes a whole StopInstances call fail. */
  protectStop(instanceId: string, isProtected: boolean): void;
  /** Every later stop takes at least this long. */
  slowStops(atLeastMs: number): void;
  /** Later stops of these instances hang in `stopping` until a forced stop. Replaces the previous selection. */
  hangStops(affected: Affected): void;
  /** Every later describe shows instances as they were up to `maxMs` ago; a later one may show an earlier state. */
  lagReads(maxMs: number): void;
  /**
   * Other users of the account make this many calls of the action per second: they use the same bucket ("Request throttling for the Amazon
   * EC2 API", Amazon EC2 Developer Guide: per account and region). 0 ends it.
   */
  otherUsers(action: string, ratePerSecond: number): void;
  /** Lets `free` more instances of the type start in the zone; further ones get InsufficientInstanceCapacity. */
  setCapacity(zone: string, instanceType: string, free: number): void;
  clearCapacity(zone: string, instanceType: string): void;
  /** Starts the instance as another user would, without permission checks. Throws if it does not exist. */
  start(instanceId: string): void;
  stop(instanceId: string): void;
  terminate(instanceId: string): void;
}

export interface Ec2Faults extends InstanceFaults, Pick<FaultBook, "failNext"> {
  setVcpuLimit(vcpus: number): void;
  /** Enabled by default. */
  setThrottling(enabled: boolean): void;
  /** Same as ModifyInstanceAttribute with DisableApiTermination. */
  protect(instanceId: string, isProtected: boolean): void;
  /** Fails a status check until the instance's next start, which moves it to another host. */
  impair(instanceId: string, check: StatusCheck): void;
  /** Schedules an EC2 event such as `instance-retirement`; the instance's next start completes it. */
  schedule(instanceId: string, code: string, notBefore: number): void;
  /** Stops the instance as AWS does when its host is retired. */
  retire(instanceId: string): void;
  /**
   * Emits the two-minute warning, then terminates the instance in whatever state it is. Warnings are "emitted on a best effort basis" ("Spot
   * Instance interruption notices", Amazon EC2 User Guide): without one the instance is terminated at once.
   */
  interruptSpot(instanceId: string, options?: { readonly warning?: boolean }): void;
  recommendRebalance(instanceId: string): void;
  /** From now on, EC2 treats the instance as if it had been launched as a one-time spot instance. */
  becomeSpot(instanceId: string): void;
  /**
   * The volumes of instances launched later are `attaching` for this long, and StopInstances gets IncorrectState meanwhile: a belief; sources
   * show that code for AttachVolume only (amazon.aws#497) and volumes that attach for a while (aws-ebs-csi-driver#2183).
   */
  attachSlowly(ms: number): void;
}

export const createFaults = (world: World): Ec2Faults & FaultBook => {
  const get = (id: string): Instance => {
    const instance = world.instances.get(id);
    if (!instance) throw new Error(`instance ${id} does not exist`);
    return instance;
  };

  return {
    ...createFaultBook(),
    failStarts: world.undone.failStarts,
    failLaunches: world.undone.failLaunches,
    protectStop: (id, isProtected) => {
      get(id).stopProtected = isProtected;
    },
    slowStops: world.slowStops.slowStops,
    hangStops: world.slowStops.hangStops,
    attachSlowly: (ms) => {
      world.attachMs = ms;
    },
    lagReads: world.reads.lagReads,
    otherUsers: world.throttle.setOthers,
    setCapacity: world.capacity.set,
    clearCapacity: world.capacity.clear,
    setVcpuLimit: world.capacity.setVcpuLimit,
    setThrottling: world.throttle.enable,
    start: (id) => {
      const instance = get(id);
      if (instance.state === "stopped") start(world, instance);
    },
    stop: (id) => {
      const instance = get(id);
      if (instance.state === "running") stop(world, instance, REASON.userShutdown);
    },
    terminate: (id) => terminate(world, get(id), REASON.userShutdown),
    protect: (id, isProtected) => {
      get(id).terminationProtected = isProtected;
    },
    impair: (id, check) => void get(id).impaired.set(check, world.clock.now()),
    schedule: (id, code, notBefore) =>
      void get(id).events.push({ id: world.makeId("instance-event"), code, notBefore, isOver: false }),
    retire: (id) => {
      const instance = get(id);
      if (instance.state === "running") stop(world, instance, REASON.retirement);
    },
    interruptSpot: (id, { warning = true } = {}) => {
      const instance = get(id);
      if (!warning) return terminate(world, instance, REASON.spotTermination);
      emitSpotWarning(world, instance);
      world.clock.after(SPOT_NOTICE_MS, () => terminate(world, instance, REASON.spotTermination));
    },
    recommendRebalance: (id) => emitRebalance(world, get(id)),
    becomeSpot: (id) => {
      get(id).spotRequestId = world.makeId("sir");
    },
  };
};
