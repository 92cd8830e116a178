import { integer, type Params, text } from "../../gateway/query-params.ts";
import { CloudError } from "../../gateway/service.ts";
import type { Action } from "../call.ts";
import { keyRefusal } from "../encryption.ts";
import { invalidValue } from "../errors.ts";
import type { Instance } from "../instance.ts";
import { withTemplate } from "../launch/from-template.ts";
import { authorizeLaunch } from "../launch/launch-permissions.ts";
import { readLaunchRequest } from "../launch/launch-request.ts";
import { type LaunchCount, makeInstances } from "../launch/make-instances.ts";
import type { World } from "../world.ts";
import { renderReservation } from "./render-instance.ts";

const readCount = (params: Params): LaunchCount => {
  const [min, max] = [integer(params, "MinCount"), integer(params, "MaxCount")];
  if (min === undefined || max === undefined) {
    throw new CloudError(
      "MissingParameter",
      `The request must contain the parameter ${min === undefined ? "MinCount" : "MaxCount"}`,
    );
  }
  if (min < 1)
    throw invalidValue(
      `Value (${min}) for parameter minCount is invalid. Minimum number of instances must be greater than zero`,
    );
  if (max < min)
    throw invalidValue(
      `Value (${max}) for parameter maxCount is invalid. Maximum number of instances may not be less than the minimum`,
    );
  return { min, max };
};

/** Throws if an instance of the earlier launch is terminated (boto3, issue 4406: EC2 does so since January 2025). */
export const recallLaunch = (world: World, ids: readonly string[]): Instance[] => {
  const instances = ids.flatMap((id) => world.instances.get(id) ?? []);
  if (instances.length < ids.length || instances.some(({ state }) => state === "terminated")) {
    throw new CloudError(
      "IdempotentInstanceTerminated",
      "The client token you have provided is associated with a terminated instance. Please use a different client token.",
    );
  }
  return instances;
};

/** RunInstances (API reference): launches as many as capacity allows, from MinCount to MaxCount, all in one subnet. */
export const runInstances: Action = (world, call) => {
  const count = readCount(call.params);
  const { params, template } = withTemplate(world, call.params);
  const launch = readLaunchRequest(world, params, template);
  authorizeLaunch(world, call, launch);
  call.proceed();
  const { zone } = launch.subnet;
  const earlier = world.launchTokens.recall("RunInstances", zone, call.params);
  if (earlier) {
    const instances = recallLaunch(world, earlier);
    call.logIds(earlier);
    return renderReservation(world, instances);
  }
  world.throttle.takeInstances("RunInstances", count.max);
  const token = text(params, "ClientToken");
  // EC2 generates a token if the caller sends none.
  const instances = makeInstances(
    world,
    launch,
    count,
    token ?? world.makeId("token"),
    keyRefusal(world, call, launch.volumes, "launch"),
  );
  const ids = instances.map(({ id }) => id);
  world.launchTokens.remember("RunInstances", zone, call.params, ids);
  call.logIds(ids);
  return renderReservation(world, instances);
};
