import { functionArn } from "../../lambda/environment.ts";
import { assertKnown, type CreateResource, physicalName, text } from "../resource.ts";

/** AWS::Lambda::Permission for a service to invoke a function. */
export const createPermission: CreateResource = (request, { permissions }) => {
  assertKnown(request, ["Action", "FunctionName", "Principal", "SourceArn"]);
  if (text(request, "Action") === "lambda:InvokeFunction")
    permissions.add({
      functionArn: functionArn(text(request, "FunctionName").split(":").at(-1) ?? ""),
      service: text(request, "Principal"),
      sourceArn: request.properties.SourceArn as string | undefined,
    });
  return { ref: physicalName(request) };
};
