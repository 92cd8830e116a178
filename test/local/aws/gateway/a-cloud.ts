import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EKSClient } from "@aws-sdk/client-eks";
import { createCredentials } from "../../../../local/aws/gateway/credentials.ts";
import { startGateway } from "../../../../local/aws/gateway/gateway.ts";
import { type CloudService, REGION } from "../../../../local/aws/gateway/service.ts";
import { createAuthorizer } from "../../../../local/aws/iam/policy/authorizer.ts";
import { createRoles } from "../../../../local/aws/iam/policy/roles.ts";
import { createClock } from "../../../../local/clock.ts";

export const LAMBDA_TRUST = {
  Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" } }],
};

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export const ROOT_KEYS: Keys = { accessKeyId: "test", secretAccessKey: "test" };

/** A gateway with the given services, and clients for it. */
export const aCloud = async (services: readonly CloudService[], startMs = Date.now()) => {
  const clock = createClock(1, startMs);
  const credentials = createCredentials();
  const roles = createRoles();
  const authorizer = createAuthorizer(roles);
  const crashes: unknown[] = [];
  const onCrash = (error: unknown) => void crashes.push(error);
  const gateway = await startGateway({ clock, services, credentials, authorizer, onCrash });
  const config = (keys: Keys) => ({ endpoint: gateway.url, region: REGION, credentials: keys, maxAttempts: 1 });
  return {
    clock,
    credentials,
    roles,
    authorizer,
    crashes,
    gateway,
    dynamodb: (keys: Keys = ROOT_KEYS) => new DynamoDBClient(config(keys)),
    eks: (keys: Keys = ROOT_KEYS) => new EKSClient(config(keys)),
    /** Creates a role with these statements and returns the keys of a session. */
    roleKeys: (name: string, ...statements: object[]): Keys => {
      roles.create(name, LAMBDA_TRUST);
      if (statements.length > 0) roles.attach(name, { Statement: statements });
      const { keyId, secret, sessionToken } = credentials.assumeRole(name, "session");
      return { accessKeyId: keyId, secretAccessKey: secret, sessionToken };
    },
    stop: async () => {
      await gateway.stop();
      clock.stop();
    },
  };
};

export type Cloud = Awaited<ReturnType<typeof aCloud>>;
