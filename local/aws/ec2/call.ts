/** An EC2 call as the actions receive it. */

import { createHash } from "node:crypto";
import { flag, type Params } from "../gateway/query-params.ts";
import type { Xml } from "../gateway/query-xml.ts";
import { type Authorize, CloudError, type CloudRequest, type ConditionContext } from "../gateway/service.ts";
import { dryRun } from "./errors.ts";
import type { World } from "./world.ts";

export interface Ec2Call {
  readonly params: Params;
  readonly principal: string;
  /** Throws UnauthorizedOperation unless every resource is allowed. */
  readonly authorize: Authorize;
  /** Whether another service, which EC2 calls in the caller's name, lets the caller do this. */
  allows(action: string, resource: string, context: ConditionContext): boolean;
  /** Call this after all checks and before any change: throws DryRunOperation if the request is a dry run. */
  proceed(): void;
  /** Sets the instance ids that the call log records for this call. */
  logIds(ids: readonly string[]): void;
}

export type Action = (world: World, call: Ec2Call) => { readonly [name: string]: Xml };

/** Real messages have from 700 to 1300 characters (terraform#23918, stratus-red-team#390, karpenter-provider-aws#7370). */
const ENCODED_BYTES = 840;

/** What DecodeAuthorizationMessage would decode; here the same text gives the same letters. */
const encodedMessage = (text: string): string =>
  createHash("shake256", { outputLength: ENCODED_BYTES }).update(text).digest("base64url");

/** EC2's wording of IAM's denial. Calls without resource-level permissions get no encoded message. */
const unauthorized = (action: string, { message }: CloudError) => {
  const encoded = action.startsWith("ec2:Describe")
    ? ""
    : ` Encoded authorization failure message: ${encodedMessage(message)}`;
  return new CloudError(
    "UnauthorizedOperation",
    `You are not authorized to perform this operation. ${message}.${encoded}`,
    403,
  );
};

export const createCall = (
  world: World,
  params: Params,
  request: CloudRequest,
  logIds: (ids: readonly string[]) => void,
): Ec2Call => ({
  params,
  principal: request.principal.arn,
  authorize: (action, resources, context: ConditionContext = {}) => {
    try {
      request.authorize(action, resources, { "ec2:Region": world.region, ...context });
    } catch (error) {
      if (error instanceof CloudError && error.code === "AccessDenied") throw unauthorized(action, error);
      throw error;
    }
  },
  allows: (action, resource, context) => {
    try {
      request.authorize(action, [resource], context);
      return true;
    } catch (error) {
      if (error instanceof CloudError && error.code === "AccessDenied") return false;
      throw error;
    }
  },
  proceed: () => {
    if (flag(params, "DryRun")) throw dryRun();
  },
  logIds,
});
