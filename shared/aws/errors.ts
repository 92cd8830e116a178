/** AWS error codes, classified by how the caller must react. Source: EC2 API reference, "Error codes". */

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

/** From TerminateInstances: termination protection, or stop protection set by another service. */
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

/** No capacity here and now; another zone or type, or a later attempt, may succeed. */
export const isCapacityError = (error: unknown): boolean => CAPACITY.has(nameOf(error));

/** The subnet has no free addresses; other subnets of the zone may. */
export const isOutOfAddresses = (error: unknown): boolean => nameOf(error) === "InsufficientFreeAddressesInSubnet";

/** The call was not executed; it may succeed after a pause. */
export const isThrottled = (error: unknown): boolean => THROTTLED.has(nameOf(error));

/** Shortly after a launch, this does not prove that the resource is gone. */
export const isNotFound = (error: unknown): boolean => NOT_FOUND.has(nameOf(error));

/** The client token was used with other parameters before: instances of that launch may exist. */
export const isIdempotencyMismatch = (error: unknown): boolean => IDEMPOTENCY_MISMATCH.has(nameOf(error));

/** The instance is in a state, such as stopping, that does not allow the call yet. */
export const isIncorrectState = (error: unknown): boolean => INCORRECT_STATE.has(nameOf(error));

/** The instance cannot be terminated until its protection is removed. */
export const isProtected = (error: unknown): boolean => PROTECTED.has(nameOf(error));

/** Retrying does not help until a policy or the account changes. */
export const isDenied = (error: unknown): boolean => DENIED.has(nameOf(error));
