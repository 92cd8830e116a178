/** The account's roles: what they may do and who may assume them. */
import { ACCOUNT, type ConditionContext, REGION } from "../../gateway/service.ts";
import { decide } from "./evaluate.ts";
import { readPolicy, type Statement } from "./policy.ts";

export interface Roles {
  /** `trustPolicy` is the role's AssumeRolePolicyDocument. */
  create(name: string, trustPolicy: unknown): void;
  /** Adds a policy document to the role, which must exist. */
  attach(name: string, document: unknown): void;
  /** All statements of the role's policies; empty if the role does not exist. */
  statementsOf(name: string): readonly Statement[];
  /** Throws unless the trust policy allows the service (`lambda.amazonaws.com`) each of the actions (`sts:AssumeRole`). */
  assertTrusts(name: string, service: string, actions: readonly string[], context?: ConditionContext): void;
}

export const roleArn = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;

/** The condition keys that AWS adds to every request. */
const GLOBAL_CONTEXT: ConditionContext = {
  "aws:RequestedRegion": REGION,
  "aws:SecureTransport": "true",
  "aws:PrincipalAccount": ACCOUNT,
};

export const contextOfRole = (name: string | undefined, context: ConditionContext = {}): ConditionContext => ({
  ...GLOBAL_CONTEXT,
  ...(name === undefined ? {} : { "aws:PrincipalArn": roleArn(name) }),
  ...context,
});

const namesService = (statement: Statement, service: string) =>
  statement.principals.Service?.includes(service) || statement.principals["*"]?.includes("*") || false;

export const createRoles = (): Roles => {
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
    assertTrusts: (name, service, actions, context = {}) => {
      // A trust policy has no Resource: it applies to its own role.
      const trust = get(name)
        .trust.filter((statement) => namesService(statement, service))
        .map((statement) => ({ ...statement, resources: ["*"] }));
      for (const action of actions) {
        const decision = decide(trust, { action, resource: roleArn(name), context: contextOfRole(undefined, context) });
        if (decision !== "allowed") throw new Error(`role ${name} cannot be assumed by ${service}: no ${action}`);
      }
    },
  };
};
