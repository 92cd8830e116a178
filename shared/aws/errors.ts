/** AWS error codes, told apart by what they ask of the caller. Source: EC2 API reference, «Error codes». */

const CAPACITY: ReadonlySet<string> = new Set([
  "InsufficientInstanceCapacity",
  "InsufficientHostCapacity",
  "InsufficientReservedInstanceCapacity",
  "InsufficientCapacity",
  "InsufficientFreeAddressesInSubnet",
  "InstanceLimitExceeded",
  "VcpuLimitExceeded",
  "MaxFleetCountExceeded",
  "MaxSpotInstanceCountExceeded",
  "ReservationCapacityExceeded",
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

const IDEMPOTENCY_MISMATCH: ReadonlySet<string> = new Set([
  "IdempotentParameterMismatch",
  "IdempotentInstanceTerminated",
]);

const INCORRECT_STATE: ReadonlySet<string> = new Set(["IncorrectInstanceState", "IncorrectState"]);

/** Of TerminateInstances: termination protection, or stop protection of another service's making. */
const PROTECTED: ReadonlySet<string> = new Set(["OperationNotPermitted"]);

const DENIED: ReadonlySet<string> = new Set([
  "AccessDenied",
  "AccessDeniedException",
  "AuthFailure",
  "ExpiredToken",
  "ExpiredTokenException",
  "InvalidClientTokenId",
  "OptInRequired",
  "UnauthorizedOperation",
  "UnrecognizedClientException",
]);

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : "");

/** There is no room: elsewhere or later there may be. */
export const isCapacityError = (error: unknown): boolean => CAPACITY.has(nameOf(error));

/** There is no room in the subnet; the zone's others may have some. */
export const isOutOfAddresses = (error: unknown): boolean => nameOf(error) === "InsufficientFreeAddressesInSubnet";

/** The same call may succeed after a pause; it was not carried out. */
export const isThrottled = (error: unknown): boolean => THROTTLED.has(nameOf(error));

/** Soon after a launch this does not mean that the thing is gone. */
export const isNotFound = (error: unknown): boolean => NOT_FOUND.has(nameOf(error));

/** The client token has launched something else before: instances of that launch may well exist. */
export const isIdempotencyMismatch = (error: unknown): boolean => IDEMPOTENCY_MISMATCH.has(nameOf(error));

/** The instance is in a state, such as stopping, from which the call makes no sense yet. */
export const isIncorrectState = (error: unknown): boolean => INCORRECT_STATE.has(nameOf(error));

/** The instance may not be ended until somebody takes its protection off. */
export const isProtected = (error: unknown): boolean => PROTECTED.has(nameOf(error));

/** Trying again is of no use until somebody changes a policy or the account. */
export const isDenied = (error: unknown): boolean => DENIED.has(nameOf(error));
