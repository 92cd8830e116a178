import { CloudError, type CloudRequest, type CloudResponse } from "./service.ts";

export type Input = Readonly<Record<string, unknown>>;
export type Action = (input: Input, request: CloudRequest) => unknown;

export interface AwsJsonProtocol {
  readonly version: "1.0" | "1.1";
  /** The prefix of the action's name in `X-Amz-Target`: `AmazonSQS.`, `AWSEvents.`. */
  readonly targetPrefix: string;
  /** The prefix of an error's name in `__type`. */
  readonly errorNamespace: string;
  /** The code for `x-amzn-query-error`, in services that used to offer the query protocol. */
  readonly queryErrorCode?: (code: string) => string;
  /** By the action's name without the prefix. */
  readonly actions: Readonly<Record<string, Action>>;
}

const ACCESS_DENIED = "AccessDenied";

/** Handles a request of AWS's JSON protocols (smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html). */
export const answerAwsJson = async (protocol: AwsJsonProtocol, request: CloudRequest): Promise<CloudResponse> => {
  try {
    return respond(protocol, 200, (await perform(protocol, request)) ?? {});
  } catch (error) {
    return respondError(protocol, error instanceof CloudError ? error : internalFailure(error));
  }
};

const perform = (protocol: AwsJsonProtocol, request: CloudRequest): unknown => {
  const target = request.headers["x-amz-target"] ?? "";
  const name = target.startsWith(protocol.targetPrefix) ? target.slice(protocol.targetPrefix.length) : "";
  const action = Object.hasOwn(protocol.actions, name) ? protocol.actions[name] : undefined;
  if (!action) throw new CloudError("UnknownOperationException", `The operation ${target} is not simulated.`);
  return action(parseInput(request.body), request);
};

const parseInput = (body: Buffer): Input => {
  if (body.length === 0) return {};
  try {
    const parsed: unknown = JSON.parse(body.toString("utf8"));
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return parsed as Input;
  } catch {
    // Falls through: anything but a JSON object gets the same error.
  }
  throw new CloudError("SerializationException", "Could not parse request body into json");
};

const internalFailure = (error: unknown): CloudError =>
  new CloudError("InternalFailure", error instanceof Error ? (error.stack ?? error.message) : String(error), 500);

const respond = (protocol: AwsJsonProtocol, status: number, body: unknown): CloudResponse => ({
  status,
  headers: { "content-type": `application/x-amz-json-${protocol.version}` },
  body: JSON.stringify(body),
});

const respondError = (protocol: AwsJsonProtocol, error: CloudError): CloudResponse => {
  const denied = error.code === ACCESS_DENIED;
  const name = denied ? "AccessDeniedException" : error.code;
  const response = respond(protocol, denied ? 400 : error.status, {
    __type: `${protocol.errorNamespace}#${name}`,
    message: error.message,
  });
  if (!protocol.queryErrorCode) return response;
  const fault = error.status < 500 ? "Sender" : "Receiver";
  const queryError = `${protocol.queryErrorCode(error.code)};${fault}`;
  return { ...response, headers: { ...response.headers, "x-amzn-query-error": queryError } };
};
