/** The contract for resource creators: their input, their result, and the services they may use. */
import { createHash } from "node:crypto";
import type { DynamoDb } from "../dynamodb/dynamodb.ts";
import type { AccessEntries } from "../eks/access-entries.ts";
import type { PodIdentities } from "../eks/pod-identities.ts";
import type { EventBridge } from "../eventbridge/event-bridge.ts";
import type { Place } from "../gateway/service.ts";
import type { Authorizer } from "../iam/policy/authorizer.ts";
import type { Roles } from "../iam/policy/roles.ts";
import type { Lambda } from "../lambda/lambda.ts";
import type { FunctionPermissions } from "../lambda/permissions.ts";
import type { Sqs } from "../sqs/sqs.ts";

/** The services whose resources a stack can contain, in one account and region. */
export interface StackServices extends Place {
  readonly sqs: Sqs;
  readonly events: EventBridge;
  readonly lambda: Lambda;
  readonly permissions: FunctionPermissions;
  readonly dynamodb: DynamoDb;
  readonly roles: Roles;
  readonly authorizer: Authorizer;
  readonly accessEntries: AccessEntries;
  readonly podIdentities: PodIdentities;
}

export interface ResourceRequest {
  readonly logicalId: string;
  /** With intrinsic functions resolved. */
  readonly properties: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly stackName: string;
  readonly assemblyDirectory: string;
  /** Registers a function to call when the stack stops. */
  onStop(stop: () => void): void;
}

export interface CreatedResource {
  /** The value of `Ref`. */
  readonly ref: string;
  /** The values of `Fn::GetAtt`. */
  readonly attributes?: Readonly<Record<string, unknown>>;
}

export type CreateResource = (
  request: ResourceRequest,
  services: StackServices,
) => CreatedResource | Promise<CreatedResource>;

/** The name of a resource that the template does not name, in CloudFormation's format: `Stack-LogicalId-1A2B3C4D5E6F`. */
export const physicalName = ({ stackName, logicalId }: ResourceRequest): string => {
  const suffix = createHash("sha256").update(logicalId).digest("hex").slice(0, 12).toUpperCase();
  return `${stackName}-${logicalId.slice(0, 24)}-${suffix}`;
};

/** Returns a text property, or `fallback` if it is absent. Throws if the value is not text. */
export const text = ({ properties, logicalId }: ResourceRequest, property: string, fallback?: string): string => {
  const value = properties[property] ?? fallback;
  if (typeof value === "string") return value;
  throw new Error(`${logicalId}: ${property} must be text, found ${JSON.stringify(value)}`);
};

/** Returns a number property; templates may write numbers as text. */
export const number = ({ properties, logicalId }: ResourceRequest, property: string, fallback: number): number => {
  const value = Number(properties[property] ?? fallback);
  if (Number.isFinite(value)) return value;
  throw new Error(`${logicalId}: ${property} must be a number, found ${JSON.stringify(properties[property])}`);
};

/** Throws on a property that the simulator does not support, instead of ignoring it silently. */
export const assertKnown = ({ properties, logicalId }: ResourceRequest, known: readonly string[]): void => {
  const unknown = Object.keys(properties).filter((property) => !known.includes(property));
  if (unknown.length > 0) throw new Error(`${logicalId}: no support for ${unknown.join(", ")}`);
};
