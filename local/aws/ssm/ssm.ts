/** SSM's Parameter Store, read actions only (AWS Systems Manager API reference). */

import { type Action, answerAwsJson, type Input } from "../gateway/aws-json.ts";
import { type Authorize, CloudError, type CloudService } from "../gateway/service.ts";
import type { Parameter, Parameters } from "./parameters.ts";
import { createThroughput, DEFAULT_PER_SECOND } from "./throughput.ts";

export interface SsmOptions {
  readonly parameters: Parameters;
  readonly account: string;
  readonly region: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** What other users of the account leave of its throughput; 40 by default. */
  readonly requestsPerSecond?: number;
}

const MAX_NAMES = 10;
const MAX_PAGE_SIZE = 10;

/** AWS's public parameters belong to no account ("Calling AMI public parameters", Systems Manager User Guide). */
const arnOf = ({ account, region }: SsmOptions, name: string) =>
  `arn:aws:ssm:${region}:${name.startsWith("/aws/") ? "" : account}:parameter${name.startsWith("/") ? "" : "/"}${name}`;

const render = (options: SsmOptions, { name, value, version, modifiedAt }: Parameter) => ({
  Name: name,
  Type: "String",
  Value: value,
  Version: version,
  LastModifiedDate: modifiedAt / 1000,
  ARN: arnOf(options, name),
  DataType: "text",
});

const authorizeNames = (options: SsmOptions, authorize: Authorize, action: string, names: readonly string[]) =>
  authorize(
    `ssm:${action}`,
    names.map((name) => arnOf(options, name)),
  );

const requiredText = (input: Input, name: string): string => {
  const value = input[name];
  if (typeof value === "string" && value !== "") return value;
  const message = `1 validation error detected: Value null at '${name.toLowerCase()}' failed to satisfy constraint: Member must not be null`;
  throw new CloudError("ValidationException", message);
};

const getParameter =
  (options: SsmOptions): Action =>
  (input, { authorize }) => {
    const name = requiredText(input, "Name");
    authorizeNames(options, authorize, "GetParameter", [name]);
    const parameter = options.parameters.get(name);
    if (!parameter) throw new CloudError("ParameterNotFound", `Parameter ${name} not found.`);
    return { Parameter: render(options, parameter) };
  };

const getParameters =
  (options: SsmOptions): Action =>
  (input, { authorize }) => {
    const names = Array.isArray(input.Names) ? input.Names.map(String) : [];
    if (names.length < 1 || names.length > MAX_NAMES) {
      throw new CloudError("ValidationException", `Names must have from 1 to ${MAX_NAMES} members`);
    }
    authorizeNames(options, authorize, "GetParameters", names);
    const found = names.flatMap((name) => options.parameters.get(name) ?? []);
    return {
      Parameters: found.map((parameter) => render(options, parameter)),
      InvalidParameters: names.filter((name) => options.parameters.get(name) === undefined),
    };
  };

const getParametersByPath =
  (options: SsmOptions): Action =>
  (input, { authorize }) => {
    const path = requiredText(input, "Path").replace(/\/*$/, "/");
    authorizeNames(options, authorize, "GetParametersByPath", [path.slice(0, -1)]);
    const descendants = options.parameters.list().filter(({ name }) => name.startsWith(path));
    const matching =
      input.Recursive === true ? descendants : descendants.filter(({ name }) => !name.slice(path.length).includes("/"));
    const size = Math.min(Number(input.MaxResults ?? MAX_PAGE_SIZE), MAX_PAGE_SIZE);
    const rest = matching.filter(({ name }) => typeof input.NextToken !== "string" || name > input.NextToken);
    const page = rest.slice(0, size);
    return {
      Parameters: page.map((parameter) => render(options, parameter)),
      ...(rest.length > page.length ? { NextToken: page.at(-1)?.name } : {}),
    };
  };

export const createSsm = (options: SsmOptions): CloudService => {
  const take = createThroughput(options.now, options.requestsPerSecond ?? DEFAULT_PER_SECOND);
  const throttled =
    (action: Action): Action =>
    (input, request) => {
      take();
      return action(input, request);
    };
  const actions = {
    GetParameter: throttled(getParameter(options)),
    GetParameters: throttled(getParameters(options)),
    GetParametersByPath: throttled(getParametersByPath(options)),
  };
  const protocol = {
    version: "1.1",
    targetPrefix: "AmazonSSM.",
    errorNamespace: "com.amazonaws.ssm",
    actions,
  } as const;
  return { signingName: "ssm", handle: (request) => answerAwsJson(protocol, request) };
};
