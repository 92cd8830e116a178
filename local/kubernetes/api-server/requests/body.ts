import { parse } from "yaml";
import { omitEmpty } from "../create-store.ts";
import { isObject, type JsonObject, valueAt } from "../json-value.ts";
import { decodeObject } from "../protobuf/decode.ts";
import type { ResourceType } from "../resources.ts";
import { badRequest, invalid, unsupportedMediaType } from "../status-errors.ts";
import type { KubeObject } from "../store.ts";
import type { ResourceRequest } from "./context.ts";

const PROTOBUF = "application/vnd.kubernetes.protobuf";
const READABLE = ["application/json", "application/yaml", PROTOBUF];

/** The media type of the request body, without parameters. */
export const mediaTypeOf = (headers: Readonly<Record<string, string>>): string =>
  (headers["content-type"] ?? "application/json").split(";")[0]?.trim() ?? "";

/** Parses the request body: JSON, YAML, or protobuf as far as kubectl sends it. Returns undefined for an empty body. */
export const readBody = ({ body, headers }: Pick<ResourceRequest, "body" | "headers">): unknown => {
  if (body.length === 0) return undefined;
  const mediaType = mediaTypeOf(headers);
  try {
    if (/yaml$/.test(mediaType)) return parse(body.toString("utf8"));
    if (/json$/.test(mediaType)) return JSON.parse(body.toString("utf8"));
    if (mediaType === PROTOBUF) return decodeObject(body);
  } catch (error) {
    throw badRequest(`error decoding the body: ${error instanceof Error ? error.message : error}`);
  }
  throw unsupportedMediaType(READABLE);
};

/** The object in the body. Fills in a missing kind and apiVersion; throws if they do not match the resource. */
export const readObject = (request: ResourceRequest): KubeObject => asObject(readBody(request), request);

export const asObject = (body: unknown, { type, target }: Pick<ResourceRequest, "type" | "target">): KubeObject => {
  if (!isObject(body)) throw badRequest("the request has no object in its body");
  const object: JsonObject = { apiVersion: apiVersionOf(type), kind: type.kind, ...body };
  if (object.kind !== type.kind && type.custom) throw wrongKind(object, type);
  if (object.kind !== type.kind || object.apiVersion !== apiVersionOf(type)) {
    throw badRequest(
      `${object.kind} in version "${type.version}" cannot be handled as a ${type.kind}: ` +
        `the API version in the data (${object.apiVersion}) does not match the expected API version (${apiVersionOf(type)})`,
    );
  }
  const metadata: JsonObject = isObject(object.metadata) ? { ...object.metadata } : {};
  if (type.namespaced) {
    metadata.namespace ??= target.namespace;
    if (metadata.namespace !== target.namespace) {
      throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
    }
  } else delete metadata.namespace;
  if (target.name !== undefined) {
    metadata.name ??= target.name;
    if (metadata.name !== target.name && target.subresource === undefined) {
      throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${target.name})`);
    }
  }
  omitEmpty(metadata);
  return { ...object, metadata } as unknown as KubeObject;
};

const wrongKind = ({ kind, metadata }: JsonObject, type: ResourceType) => {
  const message = `Invalid value: ${JSON.stringify(kind)}: must be ${type.kind}`;
  const name = String(valueAt(metadata, ["name"]) ?? "");
  return invalid(String(kind), type.group, name, [{ field: "kind", reason: "FieldValueInvalid", message }]);
};

export const apiVersionOf = ({ group, version }: Pick<ResourceType, "group" | "version">): string =>
  group ? `${group}/${version}` : version;
