/** AWS error codes, told apart by what they ask of the caller. Source: EC2 API reference, «Error codes». */

const CAPACITY: ReadonlySet<string> = new Set([
  "InsufficientInstanceCapacity",
  "InsufficientHostCapacity",
  "InsufficientReservedInstanceCapacity",
  "InsufficientCapacity",
  "InsufficientFreeAddressesInSubnet",
  "InstanceLimitExceeded",
  "VcpuLimitExceeded",
  "MaxSpotInstanceCountExceeded",
  "SpotMaxPriceTooLow",
  "UnfulfillableCapacity",
  "Unsupported",
]);

const THROTTLED: ReadonlySet<string> = new Set([
  "RequestLimitExceeded",
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
  "EC2ThrottledException",
  "ProvisionedThroughputExceededException",
  "ResourceCountExceeded",
]);

const NOT_FOUND: ReadonlySet<string> = new Set([
  "InvalidInstanceID.NotFound",
  "InvalidAMIID.NotFound",
  "InvalidSubnetID.NotFound",
  "InvalidGroup.NotFound",
  "NoSuchEntity",
  "NoSuchEntityException",
  "ParameterNotFound",
  "ResourceNotFoundException",
]);

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : "");

/** There is no room: elsewhere or later there may be. */
export const isCapacityError = (error: unknown): boolean => CAPACITY.has(nameOf(error));

/** The same call may succeed after a pause; it was not carried out. */
export const isThrottled = (error: unknown): boolean => THROTTLED.has(nameOf(error));

/** Soon after a launch this does not mean that the thing is gone. */
export const isNotFound = (error: unknown): boolean => NOT_FOUND.has(nameOf(error));
