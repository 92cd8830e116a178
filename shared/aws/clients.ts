/** SDK clients, created once at cold start; endpoint, region and credentials come from the function's environment, unless told otherwise. */
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EC2Client } from "@aws-sdk/client-ec2";
import { EKSClient } from "@aws-sdk/client-eks";
import { IAMClient } from "@aws-sdk/client-iam";
import { SQSClient } from "@aws-sdk/client-sqs";
import { SSMClient } from "@aws-sdk/client-ssm";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { dropLostConnections } from "../connections/drop-lost-connections.ts";
import { type Site, siteRoleArn } from "../model/site.ts";
import { assumedRole, type SessionCredentials } from "./assume-role.ts";
import { isCapacityError, isIncorrectState, isNotFound } from "./errors.ts";
import { createRetryStrategy } from "./retry.ts";

/** A function has 60 s; a call that hangs must leave time to report it. */
const REQUEST_TIMEOUT_MS = 10_000;
const MAX_ATTEMPTS = 3;
/** The SDK's own agents have the same options. */
const AGENT = { keepAlive: true, maxSockets: 50 };
const CONFIG = {
  maxAttempts: MAX_ATTEMPTS,
  requestHandler: {
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: 3_000,
    httpAgent: dropLostConnections(new HttpAgent(AGENT)),
    httpsAgent: dropLostConnections(new HttpsAgent(AGENT)),
  },
};

/** Where and as whom a client calls, if not in the function's own region and as itself. */
export interface Caller {
  readonly region?: string;
  readonly credentials?: () => Promise<SessionCredentials>;
}

/** The clients' caller at a site: with the role of the function `name`, if the site is another account or region than the function's own. */
export const callerAt = (site: Site, name: string, environment: NodeJS.ProcessEnv): Caller => {
  const { AWS_REGION: home = "", AWS_ACCESS_KEY_ID = "", AWS_SECRET_ACCESS_KEY = "", AWS_SESSION_TOKEN } = environment;
  const roleArn = siteRoleArn(name, home, site);
  if (roleArn === undefined) return {};
  const own = {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    sessionToken: AWS_SESSION_TOKEN,
  };
  const { AWS_ENDPOINT_URL: endpoint } = environment;
  const credentials = assumedRole({
    roleArn,
    sessionName: `stratos-${name}`,
    region: home,
    endpoint,
    credentials: async () => own,
  });
  return { region: site.region, credentials };
};

/** Called for each call that has failed, retries included, with the operation's name and EC2's code. */
export type OnEc2Error = (operation: string, code: string) => void;

/** Missing capacity and instances that are gone, or not there yet, are answers, not errors. */
const isAnswer = (error: unknown): boolean => isCapacityError(error) || isNotFound(error) || isIncorrectState(error);

export const ec2Client = (onError: OnEc2Error, caller: Caller = {}) => {
  const client = new EC2Client({ ...CONFIG, ...caller, retryStrategy: createRetryStrategy(MAX_ATTEMPTS) });
  client.middlewareStack.add(
    (next, { commandName = "" }) =>
      async (args) => {
        try {
          return await next(args);
        } catch (error) {
          if (!isAnswer(error)) onError(commandName.replace(/Command$/, ""), error instanceof Error ? error.name : "");
          throw error;
        }
      },
    { step: "initialize", name: "reportErrors" },
  );
  return client;
};
export const eksClient = (caller: Caller = {}) => new EKSClient({ ...CONFIG, ...caller });
export const iamClient = (caller: Caller = {}) => new IAMClient({ ...CONFIG, ...caller });
export const sqsClient = () => new SQSClient(CONFIG);
export const ssmClient = (caller: Caller = {}) => new SSMClient({ ...CONFIG, ...caller });
export const documentClient = () =>
  DynamoDBDocumentClient.from(new DynamoDBClient(CONFIG), { marshallOptions: { removeUndefinedValues: true } });
