/** One execution environment of a function: a thread with its own session of the function's role. */
import { randomUUID } from "node:crypto";
import type { AccessKey, Credentials } from "../gateway/credentials.ts";
import { ACCOUNT, REGION } from "../gateway/service.ts";
import { startThread, type Thread } from "./thread.ts";
import type { InvocationContext } from "./thread-messages.ts";

export interface FunctionDefinition {
  readonly name: string;
  readonly roleName: string;
  /** Absolute path of the module that exports the handler. */
  readonly modulePath: string;
  readonly handlerName: string;
  readonly timeoutMs: number;
  readonly memoryMiB: number;
  readonly environment: Readonly<Record<string, string>>;
  /** The maximum number of threads; further invocations wait for one. */
  readonly concurrency: number;
  /** The maximum number of concurrent invocations; further ones are throttled. */
  readonly reservedConcurrency?: number;
}

export interface EnvironmentOptions {
  readonly definition: FunctionDefinition;
  readonly shared: SharedArrayBuffer;
  readonly credentials: Credentials;
  readonly endpointUrl: string;
  onOutput(text: string): void;
}

export interface Environment {
  readonly key: AccessKey;
  readonly thread: Thread;
  /** The number of signed calls since the current invocation began. */
  calls: number;
  /** Whether it has not been invoked yet. */
  cold: boolean;
  /** Returns the context for a new invocation. */
  context(): InvocationContext;
}

export const functionArn = (name: string) => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;

/** The variables that Lambda sets itself ("Defined runtime environment variables", Lambda Developer Guide). */
const reservedVariables = ({ definition, endpointUrl }: EnvironmentOptions, key: AccessKey, logStreamName: string) => ({
  AWS_REGION: REGION,
  AWS_DEFAULT_REGION: REGION,
  AWS_ENDPOINT_URL: endpointUrl,
  AWS_ACCESS_KEY_ID: key.keyId,
  AWS_SECRET_ACCESS_KEY: key.secret,
  AWS_SESSION_TOKEN: key.sessionToken ?? "",
  AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
  AWS_LAMBDA_FUNCTION_NAME: definition.name,
  AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memoryMiB),
  AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
  AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${definition.name}`,
  AWS_LAMBDA_LOG_STREAM_NAME: logStreamName,
  TZ: ":UTC",
});

/** Calls `onEnd` once, when the thread has ended for any reason and its session is revoked. */
export const startEnvironment = (options: EnvironmentOptions, onEnd: () => void): Environment => {
  const { definition, shared, credentials, onOutput } = options;
  const { name, roleName, modulePath, handlerName, memoryMiB } = definition;
  const key = credentials.assumeRole(roleName, name);
  const logStreamName = `[$LATEST]${randomUUID().replaceAll("-", "")}`;
  const thread = startThread({
    setup: {
      modulePath,
      handlerName,
      clock: shared,
      env: { ...definition.environment, ...reservedVariables(options, key, logStreamName) },
    },
    onOutput,
    onEnd: () => {
      credentials.revoke(key.keyId);
      onEnd();
    },
  });
  const context = () => ({
    functionName: name,
    functionVersion: "$LATEST",
    invokedFunctionArn: functionArn(name),
    memoryLimitInMB: String(memoryMiB),
    awsRequestId: randomUUID(),
    logGroupName: `/aws/lambda/${name}`,
    logStreamName,
  });
  return { key, thread, calls: 0, cold: true, context };
};
