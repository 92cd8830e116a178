/** ModifyInstanceAttribute (API reference), for the instance type only. */

import { branch, text } from "../../gateway/query-params.ts";
import { CloudError } from "../../gateway/service.ts";
import type { Action } from "../call.ts";
import { INSTANCE_TYPES } from "../catalog/instance-types.ts";
import { notStopped, typeChangeNotAllowed, unknownTypeValue } from "../errors.ts";
import type { Instance } from "../instance.ts";
import { maxVolumesOf } from "../volume-limits.ts";
import { authorizeOne } from "./inspect-instance.ts";

/**
 * "Compatibility for changing the instance type" (Amazon EC2 User Guide): the same architecture, and everything that is attached stays attached. All
 * simulated types have ENA and NVMe, and boot in the same ways.
 */
const isCompatible = ({ type: own, podAddresses, volumes }: Instance, other: Instance["type"]): boolean => {
  const interfaces = Math.ceil((1 + podAddresses.length) / own.addressesPerInterface);
  return (
    other.architecture === own.architecture &&
    interfaces <= other.interfaces &&
    Math.min(1 + podAddresses.length, own.addressesPerInterface) <= other.addressesPerInterface &&
    volumes.length <= maxVolumesOf(other, interfaces)
  );
};

export const modifyInstanceAttribute: Action = (world, call) => {
  const name = text(branch(call.params, "InstanceType"), "Value");
  if (name === undefined) throw new CloudError("InvalidParameterCombination", "No attributes specified.");
  // As EC2 shows them for such a call: the attribute's name as the API spells it, and its value.
  const instance = authorizeOne(world, call, "ModifyInstanceAttribute", {
    "ec2:Attribute": "InstanceType",
    "ec2:Attribute/InstanceType": name,
  });
  if (instance.state !== "stopped") throw notStopped(instance.id);
  const type = INSTANCE_TYPES.get(name);
  if (!type) throw unknownTypeValue(name);
  if (!isCompatible(instance, type)) throw typeChangeNotAllowed(instance.type.name, name);
  instance.type = type;
  return { return: true };
};
