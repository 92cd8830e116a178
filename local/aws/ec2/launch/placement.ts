/** A launch's placement besides its subnet: tenancy, placement group and capacity reservation (RunInstances, API reference). */

import { branch, type Params, text } from "../../gateway/query-params.ts";
import type { Xml } from "../../gateway/query-xml.ts";
import { CloudError } from "../../gateway/service.ts";
import { invalidValue } from "../errors.ts";
import type { Placement } from "../placement.ts";
import type { World } from "../world.ts";

const TENANCIES: readonly string[] = ["default", "dedicated", "host"];
const PREFERENCES: readonly string[] = ["open", "none", "capacity-reservations-only"];

const readReservation = ({ capacityReservations }: World, params: Params): Placement["reservation"] => {
  const specification = branch(params, "CapacityReservationSpecification");
  const target = branch(specification, "CapacityReservationTarget");
  const id = text(target, "CapacityReservationId");
  const resourceGroupArn = text(target, "CapacityReservationResourceGroupArn");
  const requested = text(specification, "CapacityReservationPreference");
  const isTargeted = id !== undefined || resourceGroupArn !== undefined;
  if (requested !== undefined && isTargeted) {
    const message = "You may specify either CapacityReservationPreference or CapacityReservationTarget, not both.";
    throw new CloudError("InvalidParameterCombination", message);
  }
  if (requested !== undefined && !PREFERENCES.includes(requested)) {
    throw invalidValue(`Invalid value '${requested}' for CapacityReservationPreference.`);
  }
  if (id !== undefined && !capacityReservations.has(id)) {
    throw new CloudError("InvalidCapacityReservationId.NotFound", `The Capacity Reservation ID '${id}' does not exist`);
  }
  return { preference: requested ?? "open", id, resourceGroupArn };
};

export const readPlacement = (world: World, params: Params): Placement => {
  const placement = branch(params, "Placement");
  const tenancy = text(placement, "Tenancy") ?? "default";
  if (!TENANCIES.includes(tenancy)) throw invalidValue(`Invalid value '${tenancy}' for tenancy.`);
  return { tenancy, groupName: readGroup(world, placement), reservation: readReservation(world, params) };
};

const GROUP_ID = /^pg-[0-9a-f]+$/;

/** A group that another account shares is found by `GroupId` only ("Share a placement group", Amazon EC2 User Guide). */
const readGroup = ({ placementGroups }: World, placement: Params): string => {
  const [name, id] = [text(placement, "GroupName") ?? "", text(placement, "GroupId") ?? ""];
  if (name !== "" && id !== "") {
    const message = "You may specify either the group name or the group ID, not both.";
    throw new CloudError("InvalidParameterCombination", message);
  }
  const group = name || id;
  if (group !== "" && !(placementGroups.has(group) && GROUP_ID.test(group) === (id !== ""))) {
    throw new CloudError("InvalidPlacementGroup.Unknown", `The placement group '${group}' is unknown.`);
  }
  return group;
};

export const renderReservationSpecification = ({ reservation }: Placement): Xml => {
  const { preference, id, resourceGroupArn } = reservation;
  return id === undefined && resourceGroupArn === undefined
    ? { capacityReservationPreference: preference }
    : {
        capacityReservationTarget: {
          capacityReservationId: id,
          capacityReservationResourceGroupArn: resourceGroupArn,
        },
      };
};
