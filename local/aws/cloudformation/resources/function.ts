import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { assertKnown, type CreateResource, number, physicalName, type ResourceRequest, text } from "../resource.ts";

const KNOWN = [
  "FunctionName",
  "Description",
  "Runtime",
  "Architectures",
  "Code",
  "Handler",
  "Role",
  "Timeout",
  "MemorySize",
  "Environment",
  "ReservedConcurrentExecutions",
  "RecursiveLoop",
  "LoggingConfig",
  "TracingConfig",
  "VpcConfig",
  "EphemeralStorage",
  "Layers",
  "Tags",
];

/** Threads of a function: each concurrent invocation costs one on this machine; further ones wait. */
const DEFAULT_CONCURRENCY = 4;

/** `arn:aws:iam::123456789012:role/name` → `name`. */
export const roleNameOf = (arn: string) => arn.split("/").at(-1) ?? "";

/** Lambda looks for these in turn (aws-lambda-nodejs-runtime-interface-client, UserFunction). */
const EXTENSIONS = [".js", ".mjs", ".cjs"];

/** The path of the bundle: CDK writes the asset's path into the resource's metadata, for tools such as this one. */
const modulePath = (request: ResourceRequest, moduleName: string): string => {
  const path = request.metadata["aws:asset:path"];
  if (typeof path !== "string") throw new Error(`${request.logicalId}: its code is not an asset in the cloud assembly`);
  const files = EXTENSIONS.map((extension) => resolve(request.assemblyDirectory, path, moduleName + extension));
  const found = files.find((file) => existsSync(file));
  if (!found) throw new Error(`${request.logicalId}: there is none of ${files.join(", ")}`);
  return found;
};

/** AWS::Lambda::Function whose code is one bundle. */
export const createFunction: CreateResource = (request, { lambda, roles }) => {
  assertKnown(request, KNOWN);
  if (request.properties.Layers) throw new Error(`${request.logicalId}: no support for Layers`);
  const [moduleName = "", handlerName = ""] = text(request, "Handler").split(".");
  const roleName = roleNameOf(text(request, "Role"));
  roles.assertTrusts(roleName, "lambda.amazonaws.com", ["sts:AssumeRole"]);
  const environment = request.properties.Environment as { Variables?: Record<string, string> } | undefined;
  const name = text(request, "FunctionName", physicalName(request));
  const arn = lambda.create({
    name,
    roleName,
    modulePath: modulePath(request, moduleName),
    handlerName,
    timeoutMs: number(request, "Timeout", 3) * 1000,
    memoryMiB: number(request, "MemorySize", 128),
    environment: environment?.Variables ?? {},
    concurrency: number(request, "ReservedConcurrentExecutions", DEFAULT_CONCURRENCY),
    reservedConcurrency: request.properties.ReservedConcurrentExecutions as number | undefined,
  });
  return { ref: name, attributes: { Arn: arn } };
};
