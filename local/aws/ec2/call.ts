/** A call as the actions see it. */
import { type Authorize, CloudError, type CloudRequest, type ConditionContext } from "../gateway/service.ts";
import { dryRun } from "./errors.ts";
import { flag, type Params } from "./params.ts";
import type { World } from "./world.ts";
import type { Xml } from "./xml.ts";

export interface Ec2Call {
  readonly params: Params;
  readonly principal: string;
  /** Throws UnauthorizedOperation unless every resource is allowed. */
  readonly authorize: Authorize;
  /** To be called when all is checked, before anything is done: throws DryRunOperation if that is all that was asked. */
  proceed(): void;
  /** What the call log says the call was about. */
  about(ids: readonly string[]): void;
}

export type Action = (world: World, call: Ec2Call) => { readonly [name: string]: Xml };

/** EC2's words for IAM's refusal; the encoded authorization message is left out. */
const unauthorized = (refusal: CloudError) =>
  new CloudError("UnauthorizedOperation", `You are not authorized to perform this operation. ${refusal.message}`, 403);

export const createCall = (
  world: World,
  params: Params,
  request: CloudRequest,
  about: (ids: readonly string[]) => void,
): Ec2Call => ({
  params,
  principal: request.principal.arn,
  authorize: (action, resources, context: ConditionContext = {}) => {
    try {
      request.authorize(action, resources, { "ec2:Region": world.region, ...context });
    } catch (error) {
      if (error instanceof CloudError && error.code === "AccessDenied") throw unauthorized(error);
      throw error;
    }
  },
  proceed: () => {
    if (flag(params, "DryRun")) throw dryRun();
  },
  about,
});
