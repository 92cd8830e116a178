import { describe, expect, it } from "vitest";
import { createAuthorizer } from "../../../../../local/aws/iam/policy/authorizer.ts";
import { createRoles } from "../../../../../local/aws/iam/policy/roles.ts";
import { LAMBDA_TRUST } from "../../gateway/a-cloud.ts";

const principal = { arn: "arn:aws:sts::123456789012:assumed-role/pool/session", roleName: "pool" };

const anAuthorizer = (...statements: object[]) => {
  const roles = createRoles();
  roles.create("pool", LAMBDA_TRUST);
  roles.attach("pool", { Statement: statements });
  return createAuthorizer(roles);
};

describe("authorizer", () => {
  it("allows an action only if every resource is allowed", () => {
    const authorizer = anAuthorizer({ Effect: "Allow", Action: "sqs:*", Resource: "arn:a" });
    expect(() => authorizer.for(principal)("sqs:SendMessage", ["arn:a"])).not.toThrow();
    expect(() => authorizer.for(principal)("sqs:SendMessage", ["arn:a", "arn:b"])).toThrow();
    expect(authorizer.denials()).toEqual([
      expect.objectContaining({ action: "sqs:SendMessage", resource: "arn:b", roleName: "pool", explicit: false }),
    ]);
  });

  it("denies with AWS's wording", () => {
    const authorizer = anAuthorizer({ Effect: "Deny", Action: "sqs:SendMessage", Resource: "*" });
    const call = (action: string) => () => authorizer.for(principal)(action, ["arn:a"]);
    expect(call("sqs:SendMessage")).toThrow(
      "User: arn:aws:sts::123456789012:assumed-role/pool/session is not authorized to perform: sqs:SendMessage on resource: arn:a with an explicit deny in an identity-based policy",
    );
    expect(call("sqs:DeleteMessage")).toThrow(
      "sqs:DeleteMessage on resource: arn:a because no identity-based policy allows the sqs:DeleteMessage action",
    );
  });

  it("adds the region, account and role to every request's context", () => {
    const Condition = {
      StringEquals: { "aws:RequestedRegion": "us-east-1", "aws:PrincipalAccount": "123456789012" },
      ArnEquals: { "aws:PrincipalArn": "arn:aws:iam::123456789012:role/pool" },
      Bool: { "aws:SecureTransport": "true" },
    };
    const authorizer = anAuthorizer({ Effect: "Allow", Action: "*", Resource: "*", Condition });
    expect(() => authorizer.for(principal)("ec2:DescribeInstances", ["*"])).not.toThrow();
  });

  it("allows only a trusted service to assume a role", () => {
    const roles = createRoles();
    roles.create("pool", LAMBDA_TRUST);
    expect(() => roles.assertTrusts("pool", "lambda.amazonaws.com", ["sts:AssumeRole"])).not.toThrow();
    expect(() => roles.assertTrusts("pool", "pods.eks.amazonaws.com", ["sts:AssumeRole"])).toThrow("cannot be assumed");
    expect(() => roles.assertTrusts("pool", "lambda.amazonaws.com", ["sts:TagSession"])).toThrow("no sts:TagSession");
  });
});
