/** How instances change state and how long each change takes ("Instance state changes", Amazon EC2 User Guide). */
import { emitStateChange } from "./events.ts";
import type { Instance, State } from "./instance.ts";
import type { TransitionTimes } from "./transition-times.ts";
import type { World } from "./world.ts";

/** Why an instance stopped or terminated, in EC2's wording (API reference, StateReason). */
export const REASON = {
  userShutdown: {
    code: "Client.UserInitiatedShutdown",
    message: "Client.UserInitiatedShutdown: User initiated shutdown",
  },
  instanceShutdown: {
    code: "Client.InstanceInitiatedShutdown",
    message: "Client.InstanceInitiatedShutdown: Instance initiated shutdown",
  },
  spotTermination: {
    code: "Server.SpotInstanceTermination",
    message: "Server.SpotInstanceTermination: Spot instance termination",
  },
  retirement: { code: "Server.ScheduledStop", message: "Server.ScheduledStop: Stopped due to scheduled retirement" },
} as const;

type Reason = (typeof REASON)[keyof typeof REASON];

const enter = (world: World, instance: Instance, state: State): void => {
  instance.state = state;
  instance.stateSince = world.clock.now();
  for (const listener of world.listeners) listener(instance, state);
  emitStateChange(world, instance);
};

const enterLater = (world: World, instance: Instance, kind: keyof TransitionTimes, change: () => void): void => {
  const [fromMs, toMs] = world.transitionTimes[kind];
  instance.cancelChange();
  instance.cancelChange = world.clock.after(fromMs + world.random() * (toMs - fromMs), change);
};

const describeTransition = (world: World, reason: Reason): string => {
  const time = new Date(world.clock.now()).toISOString().replace("T", " ").slice(0, 19);
  return reason === REASON.userShutdown ? `User initiated (${time} GMT)` : reason.message;
};

const leave = (world: World, instance: Instance, reason: Reason): void => {
  instance.stateReason = reason;
  instance.transitionReason = describeTransition(world, reason);
};

const run = (world: World, instance: Instance, kind: "launch" | "start"): void => {
  instance.stateReason = { code: "pending", message: "pending" };
  instance.transitionReason = "";
  instance.launchTime = world.clock.now();
  instance.boot += 1;
  enter(world, instance, "pending");
  enterLater(world, instance, kind, () => {
    instance.stateReason = undefined;
    enter(world, instance, "running");
  });
};

/** Runs a newly created instance. */
export const launch = (world: World, instance: Instance): void => run(world, instance, "launch");

/** Starts a stopped instance, on another host. The caller must reject instances in any other state. */
export const start = (world: World, instance: Instance): void => {
  world.capacity.take(instance.zone, instance.type.name, 1);
  instance.impaired.clear();
  for (const event of instance.events) event.isOver = true;
  run(world, instance, "start");
};

/** Stops a running instance or, if forced, one that is already stopping. */
export const stop = (world: World, instance: Instance, reason: Reason, force = false): void => {
  if (instance.state !== "stopping") {
    leave(world, instance, reason);
    enter(world, instance, "stopping");
  } else if (!force) return;
  enterLater(world, instance, force ? "forcedStop" : "stop", () => enter(world, instance, "stopped"));
};

/** Terminates an instance in any state; does nothing if it is already shutting down. */
export const terminate = (world: World, instance: Instance, reason: Reason): void => {
  if (instance.state === "shutting-down" || instance.state === "terminated") return;
  leave(world, instance, reason);
  enter(world, instance, "shutting-down");
  enterLater(world, instance, "terminate", () => {
    world.subnets.get(instance.subnetId)?.release(instance.privateIp);
    enter(world, instance, "terminated");
  });
};

/** Handles a shutdown from inside the instance; a one-time spot instance cannot stop, so it terminates. */
export const powerOff = (world: World, instance: Instance): void => {
  if (instance.state !== "running") return;
  const stops = instance.shutdownBehavior === "stop" && instance.spotRequestId === undefined;
  if (stops) stop(world, instance, REASON.instanceShutdown);
  else terminate(world, instance, REASON.instanceShutdown);
};
