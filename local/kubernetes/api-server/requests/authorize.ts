import type { Identity } from "../access/identity.ts";
import { isOwnNodeAccess } from "../access/node-restriction.ts";
import { isAllowed } from "../access/rbac.ts";
import { parseFieldSelector } from "../selectors/fields.ts";
import { forbidden } from "../status-errors.ts";
import { KubeFailure, type Store } from "../store.ts";
import type { Target } from "./target.ts";

/** Throws a 403 with the API server's message unless the stored roles allow the resource request. */
export const authorize = (store: Store, identity: Identity, target: Target, query: URLSearchParams): void => {
  const { verb, group, plural, namespace, subresource } = target;
  const resource = subresource ? `${plural}/${subresource}` : plural;
  const name = target.name ?? (verb === "list" || verb === "watch" ? selectedName(query) : undefined);
  if (isOwnNodeAccess(identity, verb, group, plural)) return;
  if (isAllowed(store, identity, { verb, group, resource, namespace, name })) return;
  const where = namespace ? `in the namespace "${namespace}"` : "at the cluster scope";
  throw forbidden(
    group ? `${plural}.${group}` : plural,
    target.name ?? "",
    `User "${identity.user}" cannot ${verb} resource "${resource}" in API group "${group}" ${where}`,
  );
};

/** The same for non-resource paths. */
export const authorizePath = (store: Store, identity: Identity, verb: string, path: string): void => {
  if (isAllowed(store, identity, { verb, path })) return;
  throw new KubeFailure(403, "Forbidden", `forbidden: User "${identity.user}" cannot ${verb} path "${path}"`, {});
};

/** resourceNames can allow a list that selects a single name. */
const selectedName = (query: URLSearchParams): string | undefined => {
  const selector = query.get("fieldSelector");
  if (!selector?.includes("metadata.name")) return undefined;
  const named = parseFieldSelector(
    "",
    selector
      .split(",")
      .filter((term) => term.includes("metadata.name"))
      .join(","),
  );
  return named.find(({ field, negated }) => field === "metadata.name" && !negated)?.value;
};
