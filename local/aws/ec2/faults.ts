/** What tests do to EC2 from outside: failures, shortages, and hands that are not the caller's. */
import { CloudError } from "../gateway/service.ts";
import { emitRebalance, emitSpotWarning } from "./events.ts";
import type { Instance, StatusCheck } from "./instance.ts";
import { REASON, start, stop, terminate } from "./lifecycle.ts";
import type { World } from "./world.ts";

/** A spot instance is interrupted two minutes after the warning (Amazon EC2 User Guide). */
const SPOT_NOTICE_MS = 120_000;

export interface CallFault {
  /** EC2's code, as `InternalError` or `InsufficientInstanceCapacity`. */
  readonly code: string;
  readonly message?: string;
  /** 400 if absent; from 500 on the SDK tries again. */
  readonly status?: number;
  /** How many calls fail; 1 if absent. */
  readonly times?: number;
  /** `before`: nothing happens. `after`: it happens, but the caller gets the error: a lost answer. */
  readonly when?: "before" | "after";
}

export interface Ec2Faults {
  failNext(action: string, fault: CallFault): void;
  /** `free` more instances of the type start in the zone, then InsufficientInstanceCapacity. */
  setCapacity(zone: string, instanceType: string, free: number): void;
  clearCapacity(zone: string, instanceType: string): void;
  setVcpuLimit(vcpus: number): void;
  /** On at first. */
  setThrottling(enabled: boolean): void;
  /** By someone else, without permission checks. Throws if there is no such instance. */
  start(instanceId: string): void;
  stop(instanceId: string): void;
  terminate(instanceId: string): void;
  /** As ModifyInstanceAttribute with DisableApiTermination. */
  protect(instanceId: string, isProtected: boolean): void;
  /** One of its status checks fails, until its next start, which puts it on another host. */
  impair(instanceId: string, check: StatusCheck): void;
  /** EC2 has something planned for it, as `instance-retirement`; its next start makes that needless. */
  schedule(instanceId: string, code: string, notBefore: number): void;
  /** AWS stops it because its host is retired. */
  retire(instanceId: string): void;
  /** The two-minute warning, then the end, whatever the instance is then. */
  interruptSpot(instanceId: string): void;
  recommendRebalance(instanceId: string): void;
}

export interface FaultBook {
  /** The error that the next call of the action shall meet, if any. */
  next(action: string, when: "before" | "after"): CloudError | undefined;
}

export const createFaults = (world: World): Ec2Faults & FaultBook => {
  const planned: { action: string; fault: CallFault; left: number }[] = [];

  const get = (id: string): Instance => {
    const instance = world.instances.get(id);
    if (!instance) throw new Error(`there is no instance ${id}`);
    return instance;
  };

  return {
    failNext: (action, fault) => void planned.push({ action, fault, left: fault.times ?? 1 }),
    next: (action, when) => {
      const found = planned.find((plan) => plan.action === action && (plan.fault.when ?? "before") === when);
      if (!found) return undefined;
      found.left -= 1;
      if (found.left <= 0) planned.splice(planned.indexOf(found), 1);
      const { code, message, status } = found.fault;
      return new CloudError(code, message ?? `${code}, as planned by a test.`, status);
    },
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
    interruptSpot: (id) => {
      const instance = get(id);
      emitSpotWarning(world, instance);
      world.clock.after(SPOT_NOTICE_MS, () => terminate(world, instance, REASON.spotTermination));
    },
    recommendRebalance: (id) => emitRebalance(world, get(id)),
  };
};
