/** StartInstances, StopInstances and TerminateInstances (API reference). Starting and stopping are all-or-nothing. */

import { flag, requiredTexts } from "../../gateway/query-params.ts";
import type { Xml } from "../../gateway/query-xml.ts";
import { CloudError } from "../../gateway/service.ts";
import type { Action, Ec2Call } from "../call.ts";
import { keyRefusal } from "../encryption.ts";
import { incorrectState, neverRan, operationNotPermitted, stillAttaching } from "../errors.ts";
import type { Instance, State } from "../instance.ts";
import { ec2Arn, resourceTagContext } from "../launch/launch-permissions.ts";
import { REASON, start, stop, terminate } from "../lifecycle.ts";
import { type World, zonesOf } from "../world.ts";
import { renderState } from "./render-instance.ts";

/** The condition keys for calls on an existing instance. */
export const instanceContext = (world: World, { id, type, zone, profile }: Instance) => ({
  ...resourceTagContext(world, id),
  "ec2:InstanceID": id,
  "ec2:InstanceType": type.name,
  "ec2:AvailabilityZone": zone,
  "ec2:InstanceProfile": profile?.arn,
});

const authorizeCall = (world: World, call: Ec2Call, action: string): Instance[] => {
  const ids = requiredTexts(call.params, "InstanceId");
  call.logIds(ids);
  const instances = world.instances.find(ids);
  for (const instance of instances) {
    call.authorize(`ec2:${action}`, [ec2Arn(world, "instance", instance.id)], instanceContext(world, instance));
  }
  call.proceed();
  world.throttle.takeInstances(action, instances.length);
  return instances;
};

const renderChanges = (instances: readonly Instance[], change: () => void): { readonly [name: string]: Xml } => {
  const before = new Map<string, State>(instances.map(({ id, state }) => [id, state]));
  change();
  return {
    instancesSet: instances.map(({ id, state }) => ({
      instanceId: id,
      currentState: renderState(state),
      previousState: renderState(before.get(id) ?? state),
    })),
  };
};

const assertCapacity = (world: World, instances: readonly Instance[]): void => {
  const onDemand = instances.filter(({ spotRequestId }) => spotRequestId === undefined);
  world.capacity.assertVcpus(
    world.instances.all(),
    onDemand.reduce((sum, { type }) => sum + type.vcpus, 0),
  );
  const groups = Map.groupBy(instances, ({ zone, type }) => `${zone}/${type.name}`);
  for (const [first, ...others] of groups.values()) {
    if (first) world.capacity.assertFree(first.zone, first.type.name, 1 + others.length, zonesOf(world));
  }
};

/** Ignores instances that already run; one instance that cannot start fails the whole call. */
export const startInstances: Action = (world, call) => {
  const instances = authorizeCall(world, call, "StartInstances");
  const startable: readonly State[] = ["stopped", "pending", "running"];
  const unstartable = instances.find(({ state }) => !startable.includes(state));
  if (unstartable) throw incorrectState(unstartable.id, "started");
  const stopped = instances.filter(({ state }) => state === "stopped");
  assertCapacity(world, stopped);
  return renderChanges(instances, () => {
    for (const instance of stopped) start(world, instance, keyRefusal(world, call, instance.volumes, "start"));
  });
};

const assertStoppable = (world: World, instances: readonly Instance[], hibernate: boolean): void => {
  const stoppable: readonly State[] = ["pending", "running", "stopping", "stopped"];
  const spot = instances.find(({ spotRequestId }) => spotRequestId !== undefined);
  if (spot) {
    throw new CloudError(
      "UnsupportedOperation",
      `You can't stop the Spot Instance '${spot.id}' because it is associated with a one-time Spot Instance request. You can only stop Spot Instances associated with persistent Spot Instance requests.`,
    );
  }
  const unstoppable = instances.find(({ state }) => !stoppable.includes(state));
  if (unstoppable) throw incorrectState(unstoppable.id, "stopped");
  const first = instances.find(({ state, boot }) => state === "pending" && boot === 1);
  if (first) throw neverRan(first.id);
  const attaching = instances.find(({ attachedAt }) => world.clock.now() < attachedAt);
  if (attaching) throw stillAttaching(attaching.id);
  const kept = instances.find(({ stopProtected, state }) => stopProtected && state !== "stopped");
  if (kept) throw operationNotPermitted(kept.id, "stopped", "disableApiStop");
  const notConfigured = hibernate && instances.find(({ hibernation }) => !hibernation);
  if (notConfigured) {
    throw new CloudError(
      "UnsupportedHibernationConfiguration",
      `Instance '${notConfigured.id}' is not configured for hibernation.`,
    );
  }
};

export const stopInstances: Action = (world, call) => {
  const instances = authorizeCall(world, call, "StopInstances");
  assertStoppable(world, instances, flag(call.params, "Hibernate"));
  const force = flag(call.params, "Force");
  return renderChanges(instances, () => {
    for (const instance of instances) {
      if (instance.state !== "stopped") stop(world, instance, REASON.userShutdown, force);
    }
  });
};

/**
 * A protected instance also keeps the others in its zone; instances in other zones terminate. The call then fails. Stop protection protects
 * from termination too ("Enable stop protection for your EC2 instances", Amazon EC2 User Guide; cloud-custodian#7597).
 */
export const terminateInstances: Action = (world, call) => {
  const instances = authorizeCall(world, call, "TerminateInstances");
  const isProtected = ({ terminationProtected, stopProtected, state }: Instance) =>
    (terminationProtected || stopProtected) && state !== "terminated";
  const protectedZones = new Set(instances.filter(isProtected).map(({ zone }) => zone));
  const changes = renderChanges(instances, () => {
    for (const instance of instances) {
      if (!protectedZones.has(instance.zone)) terminate(world, instance, REASON.userShutdown);
    }
  });
  const first = instances.find(isProtected);
  if (first) {
    const attribute = first.terminationProtected ? "disableApiTermination" : "disableApiStop";
    throw operationNotPermitted(first.id, "terminated", attribute);
  }
  return changes;
};
