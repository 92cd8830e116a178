/** How instances change state and how long each change takes ("Instance state changes", Amazon EC2 User Guide). */
import { emitStateChange } from "./events.ts";
import type { Instance, State } from "./instance.ts";
import { releaseAddresses, takePodAddresses } from "./pod-addresses.ts";
import type { TransitionTimes } from "./transition-times.ts";
import { type AffectedInstance, UNDO_REASON, type UndoReason } from "./undone.ts";
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

/** EC2 undoes a start or launch after a second or so: a belief, as no source gives a time. */
const UNDO_MS = [500, 1500] as const;

const enter = (world: World, instance: Instance, state: State): void => {
  instance.state = state;
  instance.stateSince = world.clock.now();
  const { stateSince, stateReason, transitionReason, launchTime } = instance;
  world.reads.record(instance.id, { state, stateSince, stateReason, transitionReason, launchTime });
  for (const listener of world.listeners) listener(instance, state);
  emitStateChange(world, instance);
};

const enterLater = (
  world: World,
  instance: Instance,
  [fromMs, toMs]: TransitionTimes["stop"],
  change: () => void,
): void => {
  instance.cancelChange();
  instance.cancelChange = world.clock.after(fromMs + world.random() * (toMs - fromMs), change);
};

const affectedBy = ({ id, zone, type }: Instance): AffectedInstance => ({ id, zone, instanceType: type.name });

const describeTransition = (world: World, reason: Instance["stateReason"] & {}): string => {
  const time = new Date(world.clock.now()).toISOString().replace("T", " ").slice(0, 19);
  return reason === REASON.userShutdown ? `User initiated (${time} GMT)` : reason.message;
};

const leave = (world: World, instance: Instance, reason: Instance["stateReason"] & {}): void => {
  instance.stateReason = reason;
  instance.transitionReason = describeTransition(world, reason);
};

/** Releases what a terminated instance held. */
const enterTerminated = (world: World, instance: Instance): void => {
  releaseAddresses(world.subnets.get(instance.subnetId), instance);
  enter(world, instance, "terminated");
};

const enterRunning = (world: World, instance: Instance): void => {
  instance.stateReason = undefined;
  takePodAddresses(world.networkPlugin, world.subnets.get(instance.subnetId), instance);
  enter(world, instance, "running");
};

/** An instance that EC2 cannot launch goes from pending to terminated, one that it cannot start back to stopped. */
const undo = (world: World, instance: Instance, kind: "launch" | "start", reason: UndoReason): void => {
  leave(world, instance, UNDO_REASON[reason]);
  instance.transitionReason = UNDO_REASON[reason].code;
  if (kind === "launch") enterTerminated(world, instance);
  else enter(world, instance, "stopped");
};

const run = (world: World, instance: Instance, kind: "launch" | "start", undone: UndoReason | undefined): void => {
  instance.stateReason = { code: "pending", message: "pending" };
  instance.transitionReason = "";
  instance.launchTime = world.clock.now();
  instance.boot += 1;
  enter(world, instance, "pending");
  if (undone) enterLater(world, instance, UNDO_MS, () => undo(world, instance, kind, undone));
  else enterLater(world, instance, world.transitionTimes[kind], () => enterRunning(world, instance));
};

/** Runs a newly created instance. EC2 undoes the launch if `refused` gives a reason. */
export const launch = (world: World, instance: Instance, refused?: UndoReason): void =>
  run(world, instance, "launch", refused ?? world.undone.ofLaunch());

/** Starts a stopped instance, on another host. The caller must reject instances in any other state. EC2 undoes it if `refused` gives a reason. */
export const start = (world: World, instance: Instance, refused?: UndoReason): void => {
  world.capacity.take(instance.zone, instance.type.name, 1);
  instance.impaired.clear();
  for (const event of instance.events) event.isOver = true;
  run(world, instance, "start", refused ?? world.undone.ofStart(affectedBy(instance)));
};

/** Undefined for a stop that hangs. */
const stopTime = (world: World, instance: Instance): TransitionTimes["stop"] | undefined => {
  const atLeastMs = world.slowStops.atLeastMs(affectedBy(instance));
  if (atLeastMs === Number.POSITIVE_INFINITY) return undefined;
  const [fromMs, toMs] = world.transitionTimes.stop;
  return [Math.max(fromMs, atLeastMs), Math.max(toMs, atLeastMs)];
};

/** Stops an instance or, if forced, one that is already stopping. */
export const stop = (world: World, instance: Instance, reason: Reason, force = false): void => {
  if (instance.state === "stopping" && !force) return;
  if (instance.state !== "stopping") {
    leave(world, instance, reason);
    enter(world, instance, "stopping");
  }
  const time = force ? world.transitionTimes.forcedStop : stopTime(world, instance);
  instance.cancelChange();
  if (time) enterLater(world, instance, time, () => enter(world, instance, "stopped"));
};

/** Terminates an instance in any state; does nothing if it is already shutting down. */
export const terminate = (world: World, instance: Instance, reason: Reason): void => {
  if (instance.state === "shutting-down" || instance.state === "terminated") return;
  leave(world, instance, reason);
  enter(world, instance, "shutting-down");
  enterLater(world, instance, world.transitionTimes.terminate, () => enterTerminated(world, instance));
};

/** Handles a shutdown from inside the instance; a one-time spot instance cannot stop, so it terminates. */
export const powerOff = (world: World, instance: Instance): void => {
  if (instance.state !== "running") return;
  const stops = instance.shutdownBehavior === "stop" && instance.spotRequestId === undefined;
  if (stops) stop(world, instance, REASON.instanceShutdown);
  else terminate(world, instance, REASON.instanceShutdown);
};
