/** The account's roles: what they may do and who may assume them. */
import { ACCOUNT, type ConditionContext, type Principal, REGION } from "../../gateway/service.ts";
import { decide } from "./evaluate.ts";
import { namesAccount, readPolicy, type Statement } from "./policy.ts";

export interface Roles {
  /** `trustPolicy` is the role's AssumeRolePolicyDocument. */
  create(name: string, trustPolicy: unknown): void;
  /** Adds a policy document to the role, which must exist. */
  attach(name: string, document: unknown): void;
  /** All statements of the role's policies; empty if the role does not exist. */
  statementsOf(name: string): readonly Statement[];
  /** Throws unless the trust policy allows the service (`lambda.amazonaws.com`) each of the actions (`sts:AssumeRole`). */
  assertTrusts(name: string, service: string, actions: readonly string[], context?: ConditionContext): void;
  /** Whether the role exists and its trust policy allows the role session to assume it. */
  admits(name: string, principal: Principal): boolean;
}

export const roleArn = (name: string, account = ACCOUNT) => `arn:aws:iam::${account}:role/${name}`;

/** The condition keys that AWS adds to every request. */
const globalContext = (account: string, region: string): ConditionContext => ({
  "aws:RequestedRegion": region,
  "aws:SecureTransport": "true",
  "aws:PrincipalAccount": account,
});

type Caller = Pick<Principal, "roleName" | "account">;

export const contextOf = (
  { roleName, account = ACCOUNT }: Caller,
  context: ConditionContext = {},
  region = REGION,
): ConditionContext => ({
  ...globalContext(account, region),
  ...(roleName === undefined ? {} : { "aws:PrincipalArn": roleArn(roleName, account) }),
  ...context,
});

const namesService = (statement: Statement, service: string) =>
  statement.principals.Service?.includes(service) || statement.principals["*"]?.includes("*") || false;

export const createRoles = (account = ACCOUNT): Roles => {
  const roles = new Map<string, { trust: Statement[]; statements: Statement[] }>();

  const get = (name: string) => {
    const role = roles.get(name);
    if (!role) throw new Error(`role ${name} does not exist`);
    return role;
  };

  return {
    create: (name, trustPolicy) => {
      if (roles.has(name)) throw new Error(`role ${name} already exists`);
      roles.set(name, { trust: readPolicy(trustPolicy), statements: [] });
    },
    attach: (name, document) => void get(name).statements.push(...readPolicy(document)),
    statementsOf: (name) => roles.get(name)?.statements ?? [],
    admits: (name, principal) => {
      const trust = (roles.get(name)?.trust ?? [])
        .filter((statement) => namesAccount(statement, principal.account ?? ACCOUNT))
        .map((statement) => ({ ...statement, resources: ["*"] }));
      const context = contextOf(principal);
      return decide(trust, { action: "sts:AssumeRole", resource: roleArn(name, account), context }) === "allowed";
    },
    assertTrusts: (name, service, actions, context = {}) => {
      // A trust policy has no Resource: it applies to its own role.
      const trust = get(name)
        .trust.filter((statement) => namesService(statement, service))
        .map((statement) => ({ ...statement, resources: ["*"] }));
      for (const action of actions) {
        const decision = decide(trust, { action, resource: roleArn(name, account), context: contextOf({}, context) });
        if (decision !== "allowed") throw new Error(`role ${name} cannot be assumed by ${service}: no ${action}`);
      }
    },
  };
};
