/** EC2's errors with its own words ("Error codes for the Amazon EC2 API", Amazon EC2 Developer Guide). */
import { CloudError } from "../gateway/service.ts";

export const invalidValue = (message: string) => new CloudError("InvalidParameterValue", message);

export const malformedId = (code: string, id: string, prefix: string) =>
  new CloudError(code, `Invalid id: "${id}" (expecting "${prefix}-...")`);

/** One sentence for one, another for several: `noun` is `instance`. */
export const instancesNotFound = (ids: readonly string[]) =>
  new CloudError(
    "InvalidInstanceID.NotFound",
    ids.length === 1
      ? `The instance ID '${ids[0]}' does not exist`
      : `The instance IDs '${ids.join(", ")}' do not exist`,
  );

export const incorrectState = (id: string, participle: "started" | "stopped" | "terminated") =>
  new CloudError(
    "IncorrectInstanceState",
    `The instance '${id}' is not in a state from which it can be ${participle}.`,
  );

export const notStopped = (id: string) =>
  new CloudError("IncorrectInstanceState", `The instance '${id}' is not in the 'stopped' state.`);

/** "An InvalidInstanceAttributeValue error will be returned if the instance type is not valid" (ModifyInstanceAttribute, API reference). */
export const unknownTypeValue = (type: string) =>
  new CloudError("InvalidInstanceAttributeValue", `Invalid value '${type}' for InstanceType.`);

/** In these words (pulumi-aws#4291). */
export const typeChangeNotAllowed = (from: string, to: string) =>
  new CloudError("InvalidInstanceAttributeValue", `Modifying the instance type from ${from} to ${to} is not allowed.`);

/** Only an instance that ran before can be stopped while it is pending (cloud-custodian#6014, awsdocs/amazon-ec2-user-guide#67). */
export const neverRan = (id: string) =>
  new CloudError(
    "IncorrectInstanceState",
    `Instance '${id}' cannot be stopped as it has never reached the 'running' state.`,
  );

export const stillAttaching = (id: string) =>
  new CloudError(
    "IncorrectState",
    `The instance '${id}' is not in a valid state for this operation: its volumes are attaching.`,
  );

/** Stop protection (cloud-custodian#8007) and termination protection. */
export const operationNotPermitted = (id: string, participle: "stopped" | "terminated", attribute: string) =>
  new CloudError(
    "OperationNotPermitted",
    `The instance '${id}' may not be ${participle}. Modify its '${attribute}' instance attribute and try again.`,
  );

export const insufficientCapacity = (type: string, zone: string, others: readonly string[]) => {
  const elsewhere =
    others.length === 0
      ? ""
      : ` You can currently get ${type} capacity by not specifying an Availability Zone in your request or choosing ${others.join(", ")}.`;
  return new CloudError(
    "InsufficientInstanceCapacity",
    `We currently do not have sufficient ${type} capacity in the Availability Zone you requested (${zone}). ` +
      `Our system will be working on provisioning additional capacity.${elsewhere}`,
    500,
  );
};

export const vcpuLimitExceeded = (limit: number) =>
  new CloudError(
    "VcpuLimitExceeded",
    `You have requested more vCPU capacity than your current vCPU limit of ${limit} allows for the instance bucket that the specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit.`,
  );

export const noFreeAddresses = (subnetId: string) =>
  new CloudError(
    "InsufficientFreeAddressesInSubnet",
    `There are not enough free addresses in subnet '${subnetId}' to satisfy the requested number of instances.`,
  );

export const requestLimitExceeded = () => new CloudError("RequestLimitExceeded", "Request limit exceeded.", 503);

export const dryRun = () =>
  new CloudError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412);
