/** IAM's instance-profile actions (IAM API reference). Its query protocol differs from EC2's only in the wrapper elements. */
import { randomUUID } from "node:crypto";
import { parseParams, text } from "../gateway/query-params.ts";
import { renderXml, type Xml } from "../gateway/query-xml.ts";
import { CloudError, type CloudRequest, type CloudResponse, type CloudService } from "../gateway/service.ts";
import { IAM_ACTIONS } from "./actions.ts";
import type { InstanceProfiles } from "./instance-profiles.ts";

const NAMESPACE = "https://iam.amazonaws.com/doc/2010-05-08/";
const HEADERS = { "content-type": "text/xml" };

const render = (element: string, status: number, content: { readonly [name: string]: Xml }): CloudResponse => ({
  status,
  headers: HEADERS,
  body: renderXml(element, content, "member").replace(`<${element}>`, `<${element} xmlns="${NAMESPACE}">`),
});

const perform = (profiles: InstanceProfiles, request: CloudRequest): CloudResponse => {
  const params = parseParams(new URLSearchParams(request.body.toString("utf8")));
  const name = text(params, "Action") ?? "";
  const action = Object.hasOwn(IAM_ACTIONS, name) ? IAM_ACTIONS[name] : undefined;
  if (!action) {
    throw new CloudError("InvalidAction", `Could not find operation ${name} for version 2010-05-08`);
  }
  const result = action(profiles, { params, authorize: request.authorize });
  return render(`${name}Response`, 200, {
    ...(result ? { [`${name}Result`]: result } : {}),
    ResponseMetadata: { RequestId: randomUUID() },
  });
};

const renderError = (error: unknown): CloudResponse => {
  const { code, message, status } =
    error instanceof CloudError ? error : new CloudError("ServiceFailure", String(error), 500);
  const content = { Type: status < 500 ? "Sender" : "Receiver", Code: code, Message: message };
  return render("ErrorResponse", status, { Error: content, RequestId: randomUUID() });
};

export const createIam = (profiles: InstanceProfiles): CloudService => ({
  signingName: "iam",
  handle: async (request) => {
    try {
      return perform(profiles, request);
    } catch (error) {
      return renderError(error);
    }
  },
});
