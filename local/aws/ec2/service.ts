/** Serves the actions over EC2's query protocol (smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html). */
import { randomUUID } from "node:crypto";
import { type Params, parseParams, text } from "../gateway/query-params.ts";
import { renderXml, type Xml } from "../gateway/query-xml.ts";
import { CloudError, type CloudRequest, type CloudResponse, type CloudService } from "../gateway/service.ts";
import { ACTIONS } from "./actions/actions.ts";
import { createCall } from "./call.ts";
import type { FaultBook } from "./call-faults.ts";
import type { CallLog } from "./call-log.ts";
import { isBounded } from "./filters.ts";
import type { World } from "./world.ts";

const NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15/";
const HEADERS = { "content-type": "text/xml;charset=UTF-8" };
const DECLARATION = `<?xml version="1.0" encoding="UTF-8"?>\n`;

const readForm = ({ method, query, body }: CloudRequest): URLSearchParams =>
  method === "GET" ? query : new URLSearchParams(body.toString("utf8"));

const renderResponse = (action: string, content: { readonly [name: string]: Xml }): CloudResponse => {
  const element = renderXml(`${action}Response`, { requestId: randomUUID(), ...content }, "item");
  const withNamespace = element.replace(`<${action}Response>`, `<${action}Response xmlns="${NAMESPACE}">`);
  return { status: 200, headers: HEADERS, body: DECLARATION + withNamespace };
};

const toCloudError = (error: unknown): CloudError =>
  error instanceof CloudError
    ? error
    : new CloudError("InternalError", error instanceof Error ? (error.stack ?? error.message) : String(error), 500);

const renderError = ({ code, message, status }: CloudError): CloudResponse => {
  const content = {
    Errors: { Error: { Code: code, Message: message } },
    RequestID: randomUUID(),
  };
  return { status, headers: HEADERS, body: DECLARATION + renderXml("Response", content, "item") };
};

const findAction = (name: string) => {
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (!action) throw new CloudError("InvalidAction", `The action ${name} is not valid for this web service.`);
  return action;
};

/** Handles each call and logs it, including its error if it fails. */
export const createService = (world: World, faults: FaultBook, calls: CallLog): CloudService => {
  const perform = (name: string, params: Params, request: CloudRequest, logIds: (ids: readonly string[]) => void) => {
    const action = findAction(name);
    world.throttle.takeRequest(name, isBounded(params));
    const before = faults.next(name, "before");
    if (before) throw before;
    const content = action(world, createCall(world, params, request, logIds));
    const after = faults.next(name, "after");
    if (after) throw after;
    return renderResponse(name, content);
  };

  return {
    signingName: "ec2",
    handle: async (request) => {
      const params = parseParams(readForm(request));
      const name = text(params, "Action") ?? "";
      let ids: readonly string[] = [];
      const log = (error?: string) =>
        calls.add({
          action: name,
          at: world.clock.now(),
          principal: request.principal.arn,
          ids,
          ...(error ? { error } : {}),
        });
      try {
        const response = perform(name, params, request, (named) => {
          ids = named;
        });
        log();
        return response;
      } catch (error) {
        const cloudError = toCloudError(error);
        log(cloudError.code);
        return renderError(cloudError);
      }
    },
  };
};
