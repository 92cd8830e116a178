/** DescribeInstances (API reference). */

import { type Params, text, texts } from "../../gateway/query-params.ts";
import { xmlTime } from "../../gateway/query-xml.ts";
import { CloudError } from "../../gateway/service.ts";
import type { Action } from "../call.ts";
import { applyFilters, type FilterFields } from "../filters.ts";
import { type Instance, STATE_CODE } from "../instance.ts";
import { paginate } from "../pages.ts";
import type { World } from "../world.ts";
import { renderReservation } from "./render-instance.ts";

export const PAGE = { min: 5, max: 1000, orderOf: ({ sequence }: Instance) => sequence };

/** A terminated instance has no network, so network filters do not match it. */
const whileItHas = <T>({ state }: Instance, value: T): T | undefined => (state === "terminated" ? undefined : value);

export const FIELDS: FilterFields<Instance> = {
  architecture: ({ architecture }) => architecture,
  "availability-zone": ({ zone }) => zone,
  "client-token": ({ clientToken }) => clientToken,
  "iam-instance-profile.arn": ({ profile }) => profile?.arn,
  "image-id": ({ imageId }) => imageId,
  "instance-id": ({ id }) => id,
  "instance-lifecycle": ({ spotRequestId }) => (spotRequestId ? "spot" : undefined),
  "instance-state-code": ({ state }) => String(STATE_CODE[state]),
  "instance-state-name": ({ state }) => state,
  "instance-type": ({ type }) => type.name,
  "instance.group-id": (instance) =>
    whileItHas(
      instance,
      instance.groups.map(({ id }) => id),
    ) ?? [],
  "launch-time": ({ launchTime }) => xmlTime(launchTime),
  "network-interface.subnet-id": (instance) => whileItHas(instance, instance.subnetId),
  "placement-group-name": () => undefined,
  "private-dns-name": (instance) => whileItHas(instance, instance.privateDnsName),
  "private-ip-address": (instance) => whileItHas(instance, instance.privateIp),
  "reservation-id": ({ reservationId }) => reservationId,
  "spot-instance-request-id": ({ spotRequestId }) => spotRequestId,
  "state-reason-code": ({ stateReason }) => stateReason?.code,
  "subnet-id": (instance) => whileItHas(instance, instance.subnetId),
  "vpc-id": (instance) => whileItHas(instance, instance.vpcId),
};

/** All named instances must exist; filters apply after that check, to what the call shows of each instance: see `LaggingReads`. */
export const select = (world: World, params: Params, fields: FilterFields<Instance> = FIELDS): readonly Instance[] => {
  const ids = texts(params, "InstanceId");
  if (ids.length > 0 && text(params, "MaxResults") !== undefined) {
    throw new CloudError(
      "InvalidParameterCombination",
      "The parameter instancesSet cannot be used with the parameter maxResults",
    );
  }
  const shown = world.reads.begin();
  const instances = (ids.length > 0 ? world.instances.find(ids) : world.instances.visible()).map((instance) => ({
    ...instance,
    ...shown(instance.id),
  }));
  return applyFilters(params, instances, fields, ({ id }) => world.tags.of(id));
};

export const describeInstances: Action = (world, call) => {
  call.logIds(texts(call.params, "InstanceId"));
  const { items, nextToken } = paginate(call.params, select(world, call.params), PAGE);
  const reservations = [...Map.groupBy(items, ({ reservationId }) => reservationId).values()];
  return { reservationSet: reservations.map((instances) => renderReservation(world, instances)), nextToken };
};
