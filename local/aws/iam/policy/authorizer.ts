import { type Authorize, CloudError, type Principal } from "../../gateway/service.ts";
import { decide } from "./evaluate.ts";
import { contextOfRole, type Roles } from "./roles.ts";

/** A call that was refused for want of permission. */
export interface Denial {
  readonly principal: string;
  readonly roleName: string | undefined;
  readonly action: string;
  readonly resource: string;
  readonly explicit: boolean;
}

export interface Authorizer {
  /** The account's own user may do everything; a role what its policies allow. */
  for(principal: Principal): Authorize;
  /** The latest refusals, oldest first. */
  denials(): readonly Denial[];
}

/** A caller that is refused for ever repeats itself; the latest are enough to see why. */
const DENIALS_KEPT = 1000;

/** AWS's own sentences ("Troubleshoot access denied error messages", IAM User Guide). */
const sentence = ({ principal, action, resource, explicit }: Denial) =>
  `User: ${principal} is not authorized to perform: ${action} on resource: ${resource} ` +
  (explicit
    ? "with an explicit deny in an identity-based policy"
    : `because no identity-based policy allows the ${action} action`);

export const createAuthorizer = (roles: Roles): Authorizer => {
  const denials: Denial[] = [];
  return {
    denials: () => denials,
    for: ({ arn, roleName }) => {
      if (roleName === undefined) return () => {};
      return (action, resources, context) => {
        for (const resource of resources) {
          const request = { action, resource, context: contextOfRole(roleName, context) };
          const decision = decide(roles.statementsOf(roleName), request);
          if (decision === "allowed") continue;
          const denial = { principal: arn, roleName, action, resource, explicit: decision === "explicitDeny" };
          denials.push(denial);
          if (denials.length > DENIALS_KEPT) denials.shift();
          throw new CloudError("AccessDenied", sentence(denial), 403);
        }
      };
    },
  };
};
