/** What makes a resource of the template run, and what it may make use of. */
import { createHash } from "node:crypto";
import type { DynamoDb } from "../dynamodb/dynamodb.ts";
import type { AccessEntries } from "../eks/access-entries.ts";
import type { PodIdentities } from "../eks/pod-identities.ts";
import type { EventBridge } from "../eventbridge/event-bridge.ts";
import type { Authorizer } from "../iam/policy/authorizer.ts";
import type { Roles } from "../iam/policy/roles.ts";
import type { Lambda } from "../lambda/lambda.ts";
import type { FunctionPermissions } from "../lambda/permissions.ts";
import type { Sqs } from "../sqs/sqs.ts";

/** The services a stack is made of. */
export interface StackServices {
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
  /** Intrinsic functions are resolved. */
  readonly properties: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly stackName: string;
  readonly assemblyDirectory: string;
  /** Called when the stack stops. */
  onStop(stop: () => void): void;
}

export interface CreatedResource {
  /** What `Ref` gives. */
  readonly ref: string;
  /** What `Fn::GetAtt` gives. */
  readonly attributes?: Readonly<Record<string, unknown>>;
}

export type CreateResource = (
  request: ResourceRequest,
  services: StackServices,
) => CreatedResource | Promise<CreatedResource>;

/** The name of a resource whose template gives none, in the shape CloudFormation makes: `Stack-LogicalId-1A2B3C4D5E6F`. */
export const physicalName = ({ stackName, logicalId }: ResourceRequest): string => {
  const suffix = createHash("sha256").update(logicalId).digest("hex").slice(0, 12).toUpperCase();
  return `${stackName}-${logicalId.slice(0, 24)}-${suffix}`;
};

/** The text of a property, or `fallback` if the template does not give it. Throws if it is something else or missing. */
export const text = ({ properties, logicalId }: ResourceRequest, property: string, fallback?: string): string => {
  const value = properties[property] ?? fallback;
  if (typeof value === "string") return value;
  throw new Error(`${logicalId}: ${property} is ${JSON.stringify(value)}, not text`);
};

/** The number of a property; templates also write numbers as text. */
export const number = ({ properties, logicalId }: ResourceRequest, property: string, fallback: number): number => {
  const value = Number(properties[property] ?? fallback);
  if (Number.isFinite(value)) return value;
  throw new Error(`${logicalId}: ${property} is ${JSON.stringify(properties[property])}, not a number`);
};

/** Throws if a property is given that the embedded cloud does not know: it would silently do nothing here. */
export const assertKnown = ({ properties, logicalId }: ResourceRequest, known: readonly string[]): void => {
  const unknown = Object.keys(properties).filter((property) => !known.includes(property));
  if (unknown.length > 0) throw new Error(`${logicalId}: no support for ${unknown.join(", ")}`);
};
