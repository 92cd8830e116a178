import { isObject, type JsonObject, valueAt } from "../json-value.ts";
import type { Store } from "../store.ts";
import type { Identity } from "./identity.ts";
import { isAllowed } from "./rbac.ts";

/** The access reviews that any authenticated user may create, by resource path. */
export const REVIEWS: Readonly<Record<string, Review>> = {
  "/apis/authentication.k8s.io/v1/selfsubjectreviews": (_store, identity, body) => ({
    ...body,
    status: { userInfo: { username: identity.user, groups: identity.groups } },
  }),
  "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews": (store, identity, body) => {
    const allowed = isAllowed(store, identity, attributesOf(body));
    return { ...body, status: allowed ? { allowed, reason: "RBAC: allowed" } : { allowed } };
  },
};

export type Review = (store: Store, identity: Identity, body: JsonObject) => JsonObject;

const attributesOf = (body: JsonObject) => {
  const resource = valueAt(body, ["spec", "resourceAttributes"]);
  const path = valueAt(body, ["spec", "nonResourceAttributes", "path"]);
  if (!isObject(resource)) {
    return { verb: String(valueAt(body, ["spec", "nonResourceAttributes", "verb"])), path: String(path) };
  }
  const text = (field: string) => (resource[field] ? String(resource[field]) : undefined);
  const subresource = text("subresource");
  return {
    verb: text("verb") ?? "",
    group: text("group"),
    resource: subresource ? `${text("resource")}/${subresource}` : text("resource"),
    namespace: text("namespace"),
    name: text("name"),
  };
};
