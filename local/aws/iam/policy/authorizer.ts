import { CloudError, type RequestAuthorizer } from "../../gateway/service.ts";
import { decide } from "./evaluate.ts";
import { contextOf, type Roles } from "./roles.ts";

/** A call that IAM denied. */
export interface Denial {
  readonly principal: string;
  readonly roleName: string | undefined;
  readonly action: string;
  readonly resource: string;
  readonly explicit: boolean;
}

/** The account's root user may do everything; a role may do what its policies allow. */
export interface Authorizer extends RequestAuthorizer {
  /** The latest denials, oldest first. */
  denials(): readonly Denial[];
  /** The actions that a role has performed, sorted. */
  usedBy(roleName: string): readonly string[];
}

/** A caller without permission retries forever, so the log is bounded; the latest denials are enough to see why. */
const MAX_DENIALS = 1000;

/** AWS's wording ("Troubleshoot access denied error messages", IAM User Guide). */
const denialMessage = ({ principal, action, resource, explicit }: Denial) =>
  `User: ${principal} is not authorized to perform: ${action} on resource: ${resource} ` +
  (explicit
    ? "with an explicit deny in an identity-based policy"
    : `because no identity-based policy allows the ${action} action`);

export const createAuthorizer = (roles: Roles): Authorizer => {
  const denials: Denial[] = [];
  const used = new Map<string, Set<string>>();
  const recordUse = (roleName: string, action: string) => {
    const actions = used.get(roleName) ?? new Set();
    used.set(roleName, actions.add(action));
  };
  return {
    denials: () => denials,
    usedBy: (roleName) => [...(used.get(roleName) ?? [])].sort(),
    for: ({ arn, roleName, account }, region) => {
      if (roleName === undefined) return () => {};
      return (action, resources, context) => {
        for (const resource of resources) {
          const request = { action, resource, context: contextOf({ roleName, account }, context, region) };
          const decision = decide(roles.statementsOf(roleName), request);
          if (decision === "allowed") {
            recordUse(roleName, action);
            continue;
          }
          const denial = { principal: arn, roleName, action, resource, explicit: decision === "explicitDeny" };
          denials.push(denial);
          if (denials.length > MAX_DENIALS) denials.shift();
          throw new CloudError("AccessDenied", denialMessage(denial), 403);
        }
      };
    },
  };
};
