/** CreateFleet of type `instant` (API reference): launches from one override (capacity pool) after another until it reaches the target. */

import { branch, branches, integer, type Params, text } from "../../gateway/query-params.ts";
import type { Xml } from "../../gateway/query-xml.ts";
import { CloudError } from "../../gateway/service.ts";
import type { Action, Ec2Call } from "../call.ts";
import { keyRefusal } from "../encryption.ts";
import type { Instance } from "../instance.ts";
import { findTemplate, findVersion, overlay, type UsedTemplate } from "../launch/from-template.ts";
import { authorizeLaunch, ec2Arn, requestTagContext } from "../launch/launch-permissions.ts";
import { type LaunchRequest, readLaunchRequest } from "../launch/launch-request.ts";
import { readLaunchTags } from "../launch/launch-tags.ts";
import { makeInstances } from "../launch/make-instances.ts";
import type { World } from "../world.ts";
import { recallLaunch } from "./run-instances.ts";

interface Pool {
  readonly launch: LaunchRequest;
  readonly from: UsedTemplate;
}

interface FleetError {
  readonly pool: Pool;
  readonly error: CloudError;
}

/** A capacity pool is an instance type in a zone; EC2 accepts at most 300 per call. */
const MAX_POOLS = 300;

const readPools = (world: World, params: Params, spot: boolean): Pool[] => {
  const pools = branches(params, "LaunchTemplateConfigs").flatMap((config) => {
    const reference = branch(config, "LaunchTemplateSpecification");
    const template = findTemplate(world, reference);
    const { number, content } = findVersion(template, text(reference, "Version"));
    const overrides = branches(config, "Overrides");
    return (overrides.length > 0 ? overrides : [{}]).map((override): Pool => {
      const market: Params = spot ? { InstanceMarketOptions: { MarketType: "spot" } } : {};
      const fleetTags = { TagSpecification: params.TagSpecification ?? {} };
      const request = overlay(content, { ...override, ...market, ...fleetTags });
      const from = { template, version: number };
      return { launch: readLaunchRequest(world, request, from), from };
    });
  });
  if (pools.length === 0)
    throw new CloudError("MissingParameter", "The request must contain the parameter LaunchTemplateConfigs");
  if (pools.length > MAX_POOLS) throw new CloudError("InvalidParameterValue", "Too many launch specifications.");
  return pools;
};

const renderPool = ({ launch, from }: Pool): Xml => ({
  launchTemplateSpecification: { launchTemplateId: from.template.id, version: String(from.version) },
  overrides: {
    instanceType: launch.type.name,
    subnetId: launch.subnet.id,
    availabilityZone: launch.subnet.zone,
  },
});

const authorizeFleet = (world: World, call: Ec2Call, pools: readonly Pool[]): void => {
  const { fleet } = readLaunchTags(call.params);
  call.authorize("ec2:CreateFleet", [ec2Arn(world, "fleet", "*")], requestTagContext(fleet));
  if (fleet) {
    const context = { ...requestTagContext(fleet), "ec2:CreateAction": "CreateFleet" };
    call.authorize("ec2:CreateTags", [ec2Arn(world, "fleet", "*")], context);
  }
  for (const { launch } of pools) authorizeLaunch(world, call, launch, "CreateFleet");
};

/** Launches as many instances as each pool has capacity for; records an error for a pool without capacity and tries the next. */
const launchFromPools = (world: World, call: Ec2Call, pools: readonly Pool[], target: number, token: string) => {
  const launched: { pool: Pool; instances: Instance[] }[] = [];
  const errors: FleetError[] = [];
  let missing = target;
  for (const pool of pools) {
    if (missing === 0) break;
    try {
      const instances = makeInstances(
        world,
        pool.launch,
        { min: 1, max: missing },
        token,
        keyRefusal(world, call, pool.launch.volumes, "launch"),
      );
      launched.push({ pool, instances });
      missing -= instances.length;
    } catch (error) {
      if (!(error instanceof CloudError)) throw error;
      errors.push({ pool, error });
    }
  }
  return { launched, errors };
};

const renderLaunched = (pool: Pool, instances: readonly Instance[], spot: boolean): Xml => ({
  launchTemplateAndOverrides: renderPool(pool),
  lifecycle: spot ? "spot" : "on-demand",
  instanceIds: instances.map(({ id }) => id),
  instanceType: pool.launch.type.name,
  platform: "Linux/UNIX",
});

const renderFleetError = ({ pool, error }: FleetError, spot: boolean): Xml => ({
  launchTemplateAndOverrides: renderPool(pool),
  lifecycle: spot ? "spot" : "on-demand",
  errorCode: error.code,
  errorMessage: error.message,
});

export const createFleet: Action = (world, call) => {
  const { params } = call;
  if (text(params, "Type") !== "instant") {
    throw new CloudError("InvalidParameterValue", "Only fleets of type instant are simulated.");
  }
  const target = branch(params, "TargetCapacitySpecification");
  const spot = text(target, "DefaultTargetCapacityType") === "spot";
  const pools = readPools(world, params, spot);
  authorizeFleet(world, call, pools);
  call.proceed();
  const earlier = world.launchTokens.recall("CreateFleet", world.region, params);
  if (earlier) {
    call.logIds(earlier);
    return renderRecalled(recallLaunch(world, earlier), pools, spot);
  }
  const token = text(params, "ClientToken") ?? world.makeId("fleet");
  const { launched, errors } = launchFromPools(world, call, pools, integer(target, "TotalTargetCapacity") ?? 1, token);
  const ids = launched.flatMap(({ instances }) => instances.map(({ id }) => id));
  if (ids.length > 0) world.launchTokens.remember("CreateFleet", world.region, params, ids);
  call.logIds(ids);
  return {
    fleetId: world.makeId("fleet"),
    errorSet: errors.map((error) => renderFleetError(error, spot)),
    fleetInstanceSet: launched.map(({ pool, instances }) => renderLaunched(pool, instances, spot)),
  };
};

const renderRecalled = (
  instances: readonly Instance[],
  pools: readonly Pool[],
  spot: boolean,
): { readonly [name: string]: Xml } => {
  const fleetInstanceSet = pools.flatMap((pool) => {
    const { subnet, type } = pool.launch;
    const own = instances.filter((instance) => instance.subnetId === subnet.id && instance.type.name === type.name);
    return own.length > 0 ? [renderLaunched(pool, own, spot)] : [];
  });
  return { fleetId: `fleet-${instances[0]?.reservationId.slice(2) ?? "0"}`, errorSet: [], fleetInstanceSet };
};
