/** API errors, with the code, reason and message of k8s.io/apimachinery's `api/errors`. */
import { KubeFailure, type ResourceName } from "./store.ts";

export interface Cause {
  /** The path of the field, for example `spec.containers[0].image`. */
  readonly field: string;
  readonly reason:
    | "FieldValueInvalid"
    | "FieldValueRequired"
    | "FieldValueNotSupported"
    | "FieldValueForbidden"
    | string;
  readonly message: string;
}

const group = (resource: ResourceName) => resource.split(".").slice(1).join(".");
const plural = (resource: ResourceName) => resource.split(".")[0] ?? resource;
const about = (resource: ResourceName, name: string, more: object = {}) => ({
  ...(name ? { name } : {}),
  ...(group(resource) ? { group: group(resource) } : {}),
  kind: plural(resource),
  ...more,
});

export const notFound = (resource: ResourceName, name: string) =>
  new KubeFailure(404, "NotFound", `${resource} "${name}" not found`, about(resource, name));

/** For a path that nothing serves. */
export const noSuchPath = () =>
  new KubeFailure(404, "NotFound", "the server could not find the requested resource", {});

export const alreadyExists = (resource: ResourceName, name: string) =>
  new KubeFailure(409, "AlreadyExists", `${resource} "${name}" already exists`, about(resource, name));

export const conflict = (resource: ResourceName, name: string, message: string, causes?: readonly Cause[]) =>
  new KubeFailure(
    409,
    "Conflict",
    `Operation cannot be fulfilled on ${resource} "${name}": ${message}`,
    about(resource, name, causes ? { causes } : {}),
  );

/** A write that is based on an outdated resource version (registry's OptimisticLockErrorMsg). */
export const modified = (resource: ResourceName, name: string) =>
  conflict(
    resource,
    name,
    "the object has been modified; please apply your changes to the latest version and try again",
  );

/** 422 with one cause per field. The message names the kind like `NodePool.stratos.sh`. */
export const invalid = (kind: string, groupName: string, name: string, causes: readonly Cause[]) => {
  const lines = causes.map(({ field, message }) => (field ? `${field}: ${message}` : message));
  const text = lines.length === 1 ? lines[0] : `[${lines.join(", ")}]`;
  return new KubeFailure(422, "Invalid", `${groupName ? `${kind}.${groupName}` : kind} "${name}" is invalid: ${text}`, {
    ...(name ? { name } : {}),
    ...(groupName ? { group: groupName } : {}),
    kind,
    causes: causes.map(toCause),
  });
};

const toCause = ({ field, reason, message }: Cause) => ({ reason, message, field });

export const badRequest = (message: string) => new KubeFailure(400, "BadRequest", message);

export const unauthorized = () => new KubeFailure(401, "Unauthorized", "Unauthorized");

export const forbidden = (resource: ResourceName, name: string, why: string) =>
  new KubeFailure(
    403,
    "Forbidden",
    `${resource || "unknown"}${name ? ` "${name}"` : ""} is forbidden: ${why}`,
    resource ? about(resource, name) : {},
  );

export const methodNotAllowed = () =>
  new KubeFailure(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {});

export const unsupportedMediaType = (accepted: readonly string[]) =>
  new KubeFailure(
    415,
    "UnsupportedMediaType",
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}`,
  );

/** A watch or list page that requests a resource version that is no longer available. */
export const expired = (message: string) => new KubeFailure(410, "Expired", message);

export const tooManyRequests = (message: string, details: object = {}) =>
  new KubeFailure(429, "TooManyRequests", message, details);

/** The `Status` object in the response body. */
export const toStatus = ({ code, reason, message, details }: KubeFailure) => ({
  kind: "Status",
  apiVersion: "v1",
  metadata: {},
  status: "Failure",
  message,
  ...(reason ? { reason } : {}),
  ...(details ? { details } : {}),
  code,
});
